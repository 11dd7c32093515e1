import java.nio.file.Path;
import java.util.Map;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** args: home, modules folder, HTTP port, transport port. One real node on loopback, without security. */
public class ElasticsearchNode {
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    Settings settings = Settings.builder()
      .put("path.home", home.toString())
      .put("cluster.name", "wagerline")
      .put("node.name", "one")
      .put("discovery.type", "single-node")
      .put("network.host", "127.0.0.1")
      .put("http.port", args[2])
      .put("transport.port", args[3])
      .put("action.auto_create_index", false)
      .put("cluster.routing.allocation.disk.threshold_enabled", false)
      .build();
    Environment environment = new Environment(settings, home.resolve("config"));
    LogConfigurator.configureWithoutConfig(settings);
    var modules = PluginsLoader.loadModulesBundles(Path.of(args[1]), false);
    var plugins = PluginsLoader.loadPluginsBundles(home.resolve("plugins"), false);
    Node node = new Node(environment, PluginsLoader.createPluginsLoader(modules, plugins, Map.of()));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> close(node)));
    node.start();
    Thread.currentThread().join();
  }

  private static void close(Node node) {
    try {
      node.close();
    } catch (Exception failure) {
      failure.printStackTrace();
    }
  }
}

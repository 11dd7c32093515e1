import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import java.util.List;

/** args: port. MongoDB's wire protocol on loopback, in memory, for tests; what it lacks is listed in mongodb.ts. */
public class MongoWire {
  /** The driver refuses anything below 9; the library itself announces 8. */
  private static final int WIRE_VERSION = 13;

  public static void main(String[] args) {
    IndexedBackend backend = new IndexedBackend();
    backend.version(new MongoVersion() {
      @Override
      public List<Integer> getVersionArray() {
        return List.of(5, 0, 0, 0);
      }

      @Override
      public int getWireVersion() {
        return WIRE_VERSION;
      }
    });
    MongoServer server = new MongoServer(backend);
    server.bind("127.0.0.1", Integer.parseInt(args[0]));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdownNow));
  }
}

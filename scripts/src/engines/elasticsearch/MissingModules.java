package wagerline;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.core.KeywordTokenizer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.miscellaneous.ASCIIFoldingFilter;
import org.apache.lucene.analysis.ngram.EdgeNGramTokenFilter;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.bytes.BytesArray;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.analysis.AbstractTokenFilterFactory;
import org.elasticsearch.index.analysis.PreConfiguredTokenFilter;
import org.elasticsearch.index.analysis.PreConfiguredTokenizer;
import org.elasticsearch.index.analysis.TokenFilterFactory;
import org.elasticsearch.indices.analysis.AnalysisModule.AnalysisProvider;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.AnalysisPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;

/** What the server's jars lack and we use: `GET /`, and of the analysis module edge_ngram, asciifolding, keyword and whitespace. */
public class MissingModules extends Plugin implements ActionPlugin, AnalysisPlugin {
  @Override
  public Map<String, AnalysisProvider<TokenFilterFactory>> getTokenFilters() {
    return Map.of("edge_ngram", (index, environment, name, settings) -> new AbstractTokenFilterFactory(name) {
      private final int min = settings.getAsInt("min_gram", 1);
      private final int max = settings.getAsInt("max_gram", 2);
      private final boolean keepsOriginal = settings.getAsBoolean("preserve_original", false);

      @Override
      public TokenStream create(TokenStream tokens) {
        return new EdgeNGramTokenFilter(tokens, min, max, keepsOriginal);
      }
    });
  }

  @Override
  public List<PreConfiguredTokenFilter> getPreConfiguredTokenFilters() {
    return List.of(PreConfiguredTokenFilter.singleton("asciifolding", true, ASCIIFoldingFilter::new));
  }

  @Override
  public List<PreConfiguredTokenizer> getPreConfiguredTokenizers() {
    return List.of(
      PreConfiguredTokenizer.singleton("keyword", KeywordTokenizer::new),
      PreConfiguredTokenizer.singleton("whitespace", WhitespaceTokenizer::new)
    );
  }

  @Override
  public Collection<RestHandler> getRestHandlers(
    RestHandlersServices services, Supplier<DiscoveryNodes> nodes, Predicate<NodeFeature> features) {
    return List.of(new Root());
  }

  private static class Root extends BaseRestHandler {
    @Override
    public String getName() {
      return "wagerline_root";
    }

    @Override
    public List<Route> routes() {
      return List.of(new Route(RestRequest.Method.GET, "/"), new Route(RestRequest.Method.HEAD, "/"));
    }

    @Override
    protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
      String body = """
        {"name":"one","cluster_name":"wagerline","version":{"number":"%s"},"tagline":"You Know, for Search"}"""
        .formatted(Build.current().version());
      return channel -> channel.sendResponse(new RestResponse(RestStatus.OK, "application/json", new BytesArray(body)));
    }
  }
}

import de.bwaldvogel.mongo.MongoCollection;
import de.bwaldvogel.mongo.backend.AbstractUniqueIndex;
import de.bwaldvogel.mongo.backend.CollectionOptions;
import de.bwaldvogel.mongo.backend.CursorRegistry;
import de.bwaldvogel.mongo.backend.EmptyIndex;
import de.bwaldvogel.mongo.backend.Index;
import de.bwaldvogel.mongo.backend.IndexKey;
import de.bwaldvogel.mongo.backend.KeyValue;
import de.bwaldvogel.mongo.backend.QueryResult;
import de.bwaldvogel.mongo.backend.memory.MemoryBackend;
import de.bwaldvogel.mongo.backend.memory.MemoryCollection;
import de.bwaldvogel.mongo.backend.memory.MemoryDatabase;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.bson.ObjectId;
import io.netty.channel.Channel;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** The library's memory backend with indexes that are looked up, `hello`, and the commands of sharding, which have no effect. */
class IndexedBackend extends MemoryBackend {
  @Override
  public MemoryDatabase openOrCreateDatabase(String name) {
    return new Database(name, getCursorRegistry());
  }

  @Override
  public Document handleCommand(Channel channel, String database, String command, Document query) {
    return switch (command) {
      case "hello" -> hello(super.handleCommand(channel, database, "isMaster", new Document("isMaster", 1)));
      case "enableSharding", "shardCollection" -> new Document("ok", 1.0);
      default -> super.handleCommand(channel, database, command, query);
    };
  }

  private static Document hello(Document isMaster) {
    isMaster.put("isWritablePrimary", true);
    isMaster.remove("ismaster");
    return isMaster;
  }

  private static class Database extends MemoryDatabase {
    Database(String name, CursorRegistry cursors) {
      super(name, cursors);
    }

    @Override
    protected MemoryCollection openOrCreateCollection(String name, CollectionOptions options) {
      return new IndexedCollection(this, name, options, cursorRegistry);
    }

    @Override
    protected Index<Integer> openOrCreateSecondaryIndex(String collection, String name, List<IndexKey> keys, boolean sparse) {
      return new FirstKeyIndex(name, keys);
    }
  }

  /** The library scans unless a filter's fields are exactly a unique index's: here any index whose first key is given narrows it. */
  private static class IndexedCollection extends MemoryCollection {
    IndexedCollection(Database database, String name, CollectionOptions options, CursorRegistry cursors) {
      super(database, name, options, cursors);
    }

    @Override
    protected QueryResult matchDocuments(Document query, Document order, int skip, int limit, int batch, Document fields) {
      Collection<Integer> fewest = null;
      for (Index<Integer> index : getIndexes()) {
        Collection<Integer> candidates = candidates(index, query);
        if (candidates != null && (fewest == null || candidates.size() < fewest.size())) fewest = candidates;
      }
      if (fewest == null) return super.matchDocuments(query, order, skip, limit, batch, fields);
      var documents = fewest.stream().map(this::getDocument).filter(Objects::nonNull);
      return matchDocumentsFromStream(documents, query, order, skip, limit, batch, fields);
    }

    private static Collection<Integer> candidates(Index<Integer> index, Document query) {
      if (index instanceof FirstKeyIndex byFirstKey) return byFirstKey.candidates(query);
      if (!(index instanceof AbstractUniqueIndex<Integer> unique)) return null;
      if (unique.getKeys().size() == 1) {
        String key = unique.getKeys().get(0).getKey();
        if (query.get(key) instanceof Document operator && operator.size() == 1 && operator.get("$in") instanceof Collection<?> wanted) {
          return candidatesIn(unique, key, wanted);
        }
      }
      Document exact = new Document();
      for (IndexKey key : unique.getKeys()) if (isSimple(query.get(key.getKey()))) exact.put(key.getKey(), query.get(key.getKey()));
      if (exact.size() != unique.getKeys().size() || !unique.canHandle(exact)) return null;
      Collection<Integer> positions = new ArrayList<>();
      for (Integer position : unique.getPositions(exact)) positions.add(position);
      return positions;
    }

    /** One look-up for each value; null where a value is not one that the index takes. */
    private static Collection<Integer> candidatesIn(AbstractUniqueIndex<Integer> unique, String key, Collection<?> wanted) {
      Set<Integer> positions = new LinkedHashSet<>();
      for (Object value : wanted) {
        Document exact = new Document(key, value);
        if (!isSimple(value) || !unique.canHandle(exact)) return null;
        for (Integer position : unique.getPositions(exact)) positions.add(position);
      }
      return positions;
    }

    @Override
    public synchronized void removeDocument(Document document) {
      Integer position = findDocumentPosition(document);
      for (Index<Integer> index : getIndexes()) {
        if (index instanceof FirstKeyIndex byFirstKey && position != null) byFirstKey.forget(document, position);
      }
      super.removeDocument(document);
    }

    @Override
    protected Integer findDocumentPosition(Document document) {
      for (Index<Integer> index : getIndexes()) {
        if (!(index instanceof AbstractUniqueIndex<Integer>) || !index.getKeys().get(0).getKey().equals("_id")) continue;
        Integer position = index.getPosition(document);
        if (position != null) return position;
      }
      return super.findDocumentPosition(document);
    }
  }

  /** A non-unique index: positions by the value of its first key. */
  private static class FirstKeyIndex extends EmptyIndex<Integer> {
    private final String key;
    private final Map<Object, TreeSet<Integer>> positions = new HashMap<>();

    FirstKeyIndex(String name, List<IndexKey> keys) {
      super(name, keys);
      key = keys.get(0).getKey();
    }

    @Override
    public void add(Document document, Integer position, MongoCollection<Integer> collection) {
      for (Object value : firstValues(document)) positions.computeIfAbsent(value, none -> new TreeSet<>()).add(position);
    }

    @Override
    public void updateInPlace(Document before, Document after, Integer position, MongoCollection<Integer> collection) {
      forget(before, position);
      add(after, position, collection);
    }

    void forget(Document document, Integer position) {
      for (Object value : firstValues(document)) {
        TreeSet<Integer> of = positions.get(value);
        if (of == null) continue;
        of.remove(position);
        if (of.isEmpty()) positions.remove(value);
      }
    }

    Collection<Integer> candidates(Document query) {
      if (key.contains(".") || !isSimple(query.get(key))) return null;
      Set<Object> values = firstValues(new Document(key, query.get(key)));
      return values.size() == 1 ? positions.getOrDefault(values.iterator().next(), new TreeSet<>()) : null;
    }

    /** More than one where the key is an array. What cannot be indexed is kept under null, and found by no lookup. */
    private Set<Object> firstValues(Document document) {
      Set<Object> values = new HashSet<>();
      try {
        for (KeyValue keyValue : getKeyValues(document)) values.add(String.valueOf(keyValue.get(0)));
      } catch (RuntimeException notIndexable) {
        values.add(null);
      }
      // An empty array has no values of its own, and is found by itself.
      if (values.isEmpty()) values.add(String.valueOf(document.get(key)));
      return values;
    }
  }

  private static boolean isSimple(Object value) {
    return value instanceof String || value instanceof Number || value instanceof Boolean
      || value instanceof ObjectId || value instanceof Instant || value instanceof UUID;
  }
}

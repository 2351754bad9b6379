package tierlink.bench;

import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/** The Kafka Streams peer as a process. Everything comes from BENCH_* in the environment; SIGTERM ends it. */
public final class Peer {
  private Peer() {}

  public static void main(String[] arguments) throws InterruptedException {
    Progress progress = new Progress(Long.parseLong(setting("EXPECT")));
    KafkaStreams streams = new KafkaStreams(topology(progress), properties());
    streams.setUncaughtExceptionHandler(
        error -> {
          error.printStackTrace();
          return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
    Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
    streams.start();
    progress.awaitAll();
    streams.close(); // commits everything
    new CountDownLatch(1).await(); // until SIGTERM
  }

  private static Topology topology(Progress progress) {
    ByteArrayDeserializer read = new ByteArrayDeserializer();
    ByteArraySerializer write = new ByteArraySerializer();
    return new Topology()
        .addSource("events", read, read, setting("TOPIC"))
        .addProcessor("job", () -> new LineProcessor(progress), "events")
        .addStateStore(store(LineProcessor.LINES), "job")
        .addStateStore(store(LineProcessor.TOTALS), "job")
        .addSink("results", setting("OUTPUT"), write, write, "job");
  }

  private static StoreBuilder<KeyValueStore<byte[], byte[]>> store(String name) {
    var supplier =
        setting("STORE").equals("memory")
            ? Stores.inMemoryKeyValueStore(name)
            : Stores.persistentKeyValueStore(name);
    return Stores.keyValueStoreBuilder(supplier, Serdes.ByteArray(), Serdes.ByteArray())
        .withCachingEnabled();
  }

  private static Properties properties() {
    Properties set = new Properties();
    set.put(StreamsConfig.APPLICATION_ID_CONFIG, setting("GROUP"));
    set.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, setting("KAFKA"));
    set.put(StreamsConfig.STATE_DIR_CONFIG, setting("STATE"));
    set.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    set.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, setting("THREADS"));
    set.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, setting("COMMIT_MS"));
    set.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, setting("CACHE_BYTES"));
    set.put(consumer(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    set.put(consumer(ConsumerConfig.MAX_POLL_RECORDS_CONFIG), setting("POLL_RECORDS"));
    set.put(consumer(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG), setting("FETCH_BYTES"));
    set.put(consumer(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 10_000);
    set.put(consumer(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 3_000);
    set.put(consumer(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "0");
    set.put(producer(ProducerConfig.LINGER_MS_CONFIG), setting("LINGER_MS"));
    set.put(producer(ProducerConfig.BATCH_SIZE_CONFIG), 262_144);
    set.put(producer(ProducerConfig.BUFFER_MEMORY_CONFIG), 67_108_864);
    return set;
  }

  private static String consumer(String name) {
    return StreamsConfig.mainConsumerPrefix(name);
  }

  private static String producer(String name) {
    return StreamsConfig.producerPrefix(name);
  }

  private static String setting(String name) {
    String found = System.getenv("BENCH_" + name);
    if (found == null) {
      throw new IllegalArgumentException("BENCH_" + name + " is not set");
    }
    return found;
  }
}

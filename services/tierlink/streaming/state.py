"""How RocksDB keeps rows: in memory that is bounded for the whole process, and so that reads stay fast as it grows."""

from __future__ import annotations

from faust.stores.rocksdb import RocksDBOptions
from rocksdict import (
    BlockBasedIndexType,
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    WriteBufferManager,
)

__all__ = ["StateMemory", "StateOptions"]

_MB = 1_048_576
_WRITE_BUFFER_MB = 16
"""Rows of a partition that gather in memory before they become a file."""
_FILE_MB = 32
_BLOOM_BITS = 10
"""Bits per key: a row that does not exist is looked for on disk in one case of a hundred."""
_OPEN_FILES = 256


class StateMemory:
    """What all tables and partitions of a process share, so that their number does not multiply memory."""

    def __init__(self, cache_mb: int, write_mb: int) -> None:
        """Limit it.

        Args:
            cache_mb: blocks, indexes and filters read from disk.
            write_mb: rows not yet in files; at the limit they are written out.
        """
        self.cache = Cache(cache_mb * _MB)
        self.writing = WriteBufferManager(write_mb * _MB, allow_stall=False)


class StateOptions(RocksDBOptions):
    """Options of one table's databases. Faust's own would let one table of four partitions take 8 GB."""

    def __init__(self, memory: StateMemory) -> None:
        super().__init__(use_rocksdict=True)
        self._memory = memory

    def as_options(self) -> Options:
        """Make what RocksDB is opened with."""
        blocks = BlockBasedOptions()
        blocks.set_block_cache(self._memory.cache)
        blocks.set_cache_index_and_filter_blocks(True)
        blocks.set_pin_l0_filter_and_index_blocks_in_cache(True)
        blocks.set_bloom_filter(_BLOOM_BITS, block_based=False)
        blocks.set_index_type(BlockBasedIndexType.binary_search())
        blocks.set_format_version(5)
        options = Options(raw_mode=True)
        options.create_if_missing(True)  # noqa: FBT003 RocksDB's
        options.set_block_based_table_factory(blocks)
        options.set_write_buffer_manager(self._memory.writing)
        options.set_write_buffer_size(_WRITE_BUFFER_MB * _MB)
        options.set_max_write_buffer_number(3)
        options.set_target_file_size_base(_FILE_MB * _MB)
        options.set_level_compaction_dynamic_level_bytes(True)
        options.set_compression_type(DBCompressionType.lz4())
        options.set_max_open_files(_OPEN_FILES)
        options.set_max_background_jobs(2)
        options.set_keep_log_file_num(2)
        options.set_max_total_wal_size(64 * _MB)
        return options

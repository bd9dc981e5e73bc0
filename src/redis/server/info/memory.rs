//! Memory: what INFO and MEMORY STATS tell. The figures are modelled on Redis's allocations.

use crate::config;
use crate::config::memory::human;
use crate::server::Server;
use crate::server::stats::BASE_MEMORY;
use std::fmt::Write;

/// Bytes of a place in a table.
const POINTER: usize = 8;
/// Pages that the process has beside what it allocated: its code and libraries.
const PROGRAM: usize = 9_700_000;

/// Where memory goes, in bytes.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// Everything.
    pub used: usize,
    /// The most that it ever was.
    pub peak: usize,
    /// What an empty server uses.
    pub startup: usize,
    /// What is not data.
    pub overhead: usize,
    /// The data.
    pub dataset: usize,
    /// What the allocator got from the system for this, in pages in use.
    pub active: usize,
    /// Pages that are in memory.
    pub resident: usize,
    /// Pages of the whole process.
    pub rss: usize,
    /// Ordinary clients.
    pub clients: usize,
    /// What is kept of the stream to replicas, as far as `repl-backlog-size` covers it.
    pub backlog: usize,
    /// What replicas that are slow keep of it beyond that.
    pub replicas: usize,
    /// Tables of keys and of their times to live: per database, where it is not empty.
    pub tables: Vec<(usize, usize, usize)>,
    /// Tables of all databases.
    pub lookup: usize,
    /// Those of them that are being left for larger ones.
    pub rehashing: usize,
    /// How many tables are being left.
    pub rehashing_count: usize,
    /// Keys of all databases.
    pub keys: usize,
}

impl Memory {
    /// How much of the memory beside what an empty server uses is data, in percent.
    pub fn dataset_percent(&self) -> f64 {
        percent(self.dataset, self.used - self.startup)
    }
}

/// Bytes that the allocator keeps for `used` of them.
fn resident(used: usize) -> u64 {
    (used + used / 8) as u64
}

/// A part of the whole in percent.
pub fn percent(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// A part of the whole.
pub fn ratio(part: usize, whole: usize) -> f64 {
    percent(part, whole) / 100.0
}

impl Server {
    /// Bytes that are resident: what is used, what the allocator keeps besides, and the program.
    pub fn resident_memory(&self) -> u64 {
        let copied: usize = self.dbs.iter().map(|db| db.frozen_memory()).sum();
        resident(self.used_memory() + copied + self.snapshot_memory()) + PROGRAM as u64
    }

    /// Where memory goes now.
    pub fn memory(&mut self) -> Memory {
        let used = self.used_memory();
        if used > self.count.peak_memory {
            self.count.peak_memory = used;
            self.count.peak_time = self.now_ms / 1000;
        }
        let mut m = Memory { used, peak: self.count.peak_memory, startup: BASE_MEMORY.min(used), ..Memory::default() };
        for (n, db) in self.dbs.iter().enumerate().filter(|(_, db)| !db.is_empty()) {
            let (main, next) = db.table_sizes();
            let (keys, expires) = db.table_overhead();
            m.tables.push((n, keys, expires));
            m.lookup += (main + next) * POINTER;
            if next > 0 {
                m.rehashing += main * POINTER;
                m.rehashing_count += 1;
            }
            m.keys += db.len();
        }
        let clients = self.clients.values().filter(|c| c.kind() != "replica");
        m.clients = clients.map(crate::server::Client::memory).sum();
        (m.backlog, m.replicas) = self.replication_memory();
        let tables: usize = m.tables.iter().map(|(_, main, expires)| main + expires).sum();
        let buffers = m.backlog + self.persist.buffer_memory() + self.bus_memory();
        m.overhead = (m.startup + tables + buffers + m.clients + m.replicas).min(used);
        m.dataset = used - m.overhead;
        m.active = used + used / 16;
        m.resident = resident(used) as usize;
        m.rss = m.resident + PROGRAM;
        m
    }

    pub(super) fn info_memory(&mut self, o: &mut String) -> std::fmt::Result {
        let m = self.memory();
        writeln!(
            o,
            "# Memory\nused_memory:{}\nused_memory_human:{}\nused_memory_rss:{}\nused_memory_rss_human:{}",
            m.used,
            human(m.used as u64),
            m.rss,
            human(m.rss as u64)
        )?;
        writeln!(
            o,
            "used_memory_peak:{}\nused_memory_peak_human:{}\nused_memory_peak_time:{}\nused_memory_peak_perc:{:.2}%",
            m.peak,
            human(m.peak as u64),
            self.count.peak_time,
            percent(m.used, m.peak)
        )?;
        writeln!(
            o,
            "used_memory_overhead:{}\nused_memory_startup:{}\nused_memory_dataset:{}\nused_memory_dataset_perc:{:.2}%",
            m.overhead,
            m.startup,
            m.dataset,
            m.dataset_percent()
        )?;
        let total = self.host.system().memory;
        writeln!(
            o,
            "allocator_allocated:{}\nallocator_active:{}\nallocator_resident:{}\nallocator_muzzy:0\ntotal_system_memory:{total}\ntotal_system_memory_human:{}",
            m.used,
            m.active,
            m.resident,
            human(total)
        )?;
        self.info_scripts(o)?;
        self.info_fragmentation(&m, o)?;
        self.info_buffers(&m, o)
    }

    fn info_scripts(&self, o: &mut String) -> std::fmt::Result {
        let limit = self.hot.maxmemory;
        let ((vm_eval, vm_functions), (texts, libraries)) = (self.scripting.vm_memory(), self.scripting.text_memory());
        writeln!(
            o,
            "used_memory_lua:{vm_eval}\nused_memory_vm_eval:{vm_eval}\nused_memory_lua_human:{}\nused_memory_scripts_eval:{texts}\nnumber_of_cached_scripts:{}\nnumber_of_functions:{}\nnumber_of_libraries:{}\nused_memory_vm_functions:{vm_functions}\nused_memory_vm_total:{}\nused_memory_vm_total_human:{}",
            human(vm_eval as u64),
            self.scripting.count(),
            self.scripting.functions.count(),
            self.scripting.functions.libraries.len(),
            vm_eval + vm_functions,
            human((vm_eval + vm_functions) as u64)
        )?;
        writeln!(
            o,
            "used_memory_functions:{libraries}\nused_memory_scripts:{}\nused_memory_scripts_human:{}\nmaxmemory:{limit}\nmaxmemory_human:{}\nmaxmemory_policy:{}",
            texts + libraries,
            human((texts + libraries) as u64),
            human(limit as u64),
            self.config.word(config::MAXMEMORY_POLICY)
        )
    }

    fn info_fragmentation(&self, m: &Memory, o: &mut String) -> std::fmt::Result {
        writeln!(
            o,
            "allocator_frag_ratio:{:.2}\nallocator_frag_bytes:{}\nallocator_rss_ratio:{:.2}\nallocator_rss_bytes:{}",
            ratio(m.active, m.used),
            m.active - m.used,
            ratio(m.resident, m.active),
            m.resident - m.active
        )?;
        writeln!(
            o,
            "rss_overhead_ratio:{:.2}\nrss_overhead_bytes:{}\nmem_fragmentation_ratio:{:.2}\nmem_fragmentation_bytes:{}\nmem_not_counted_for_evict:{}",
            ratio(m.rss, m.resident),
            m.rss - m.resident,
            ratio(m.rss, m.used),
            m.rss - m.used,
            self.uncounted_memory()
        )
    }

    fn info_buffers(&self, m: &Memory, o: &mut String) -> std::fmt::Result {
        writeln!(
            o,
            "mem_replication_backlog:{}\nmem_total_replication_buffers:{}\nmem_replica_full_sync_buffer:0\nmem_clients_slaves:{}",
            m.backlog,
            m.backlog + m.replicas,
            m.replicas
        )?;
        writeln!(
            o,
            "mem_clients_normal:{}\nmem_cluster_slot_migration_output_buffer:{}\nmem_cluster_slot_migration_input_buffer:{}\nmem_cluster_slot_migration_input_buffer_peak:{}",
            m.clients,
            self.slot_migration_output(),
            self.slot_migration.input_memory(),
            self.slot_migration.input_peak()
        )?;
        writeln!(
            o,
            "mem_cluster_links:{}\nmem_aof_buffer:{}\nmem_allocator:jemalloc-5.3.0\nmem_overhead_db_hashtable_rehashing:{}",
            self.bus_memory(),
            self.persist.buffer_memory(),
            m.rehashing
        )?;
        writeln!(
            o,
            "active_defrag_running:0\nlazyfree_pending_objects:{}\nlazyfreed_objects:{}",
            self.trash.len(),
            self.count.lazy_freed
        )
    }
}

//! What the emulated computer is built of. What asks for it (`/proc`, `nproc`, dockerd, Redis) asks here.

/// Memory, bytes: as much as a page in a browser can hold in earnest, twice for what programs copy. Past it the kernel's memory killer comes.
pub const MEMORY: u64 = 1 << 30;
/// Processors that the machine shows. Programs take turns on them: time is charged to one clock.
pub const CPUS: u64 = 2;
/// What the kernel keeps of the memory for itself, bytes.
pub const KERNEL_MEMORY: u64 = 220 << 20;

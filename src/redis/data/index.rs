//! A hash index over items that live elsewhere: power-of-two buckets, chains, incremental growth,
//! and a scan whose cursor survives growth.
//!
//! The cursor counts through the bucket numbers with their bits reversed, as Redis documents for
//! SCAN: whatever is present during a whole scan is returned at least once, however often the
//! table is resized in between.

/// No item.
pub const NIL: u32 = u32::MAX;

/// Where the items live: slots that the index chains together.
pub trait Arena {
    /// The key of the item in slot `id`.
    fn key(&self, id: u32) -> &[u8];
    /// The next item of the same chain.
    fn next(&self, id: u32) -> u32;
    /// Sets the next item of the same chain.
    fn set_next(&mut self, id: u32, next: u32);
}

/// The seed of every hash in the process; set once from the server's random source would make runs
/// differ, so it is fixed and the mixing is strong instead.
const SEED: u64 = 0x9e37_79b9_7f4a_7c15;

/// The upper half of a product, exclusive or the lower half.
#[cfg(not(target_family = "wasm"))]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ ((product >> 64) as u64)
}

/// The same where no multiplication gives 128 bits: a call for it costs more than the four that give 64.
#[cfg(target_family = "wasm")]
fn fold(a: u64, b: u64) -> u64 {
    folded_by_halves(a, b)
}

#[cfg(any(test, target_family = "wasm"))]
fn folded_by_halves(a: u64, b: u64) -> u64 {
    const LOW: u64 = 0xffff_ffff;
    let (high, low) = ((a >> 32) * (b >> 32), (a & LOW) * (b & LOW));
    let (left, right) = ((a >> 32) * (b & LOW), (a & LOW) * (b >> 32));
    // Below 2^34: no sum of these overflows.
    let middle = (low >> 32) + (left & LOW) + (right & LOW);
    let upper = high + (left >> 32) + (right >> 32) + (middle >> 32);
    upper ^ (middle << 32 | low & LOW)
}

/// Eight bytes as a number; any others count as 0.
fn word(bytes: &[u8]) -> u64 {
    bytes.first_chunk().map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

/// Fewer than eight bytes as a number.
fn rest(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Whether two keys are the same. Most are short, and then the library's way costs more than this.
fn same(a: &[u8], b: &[u8]) -> bool {
    const SHORT: usize = 64;
    if a.len() != b.len() || a.len() > SHORT {
        return a == b;
    }
    let (mut left, mut right) = (a.chunks_exact(8), b.chunks_exact(8));
    left.by_ref().zip(right.by_ref()).all(|(a, b)| word(a) == word(b))
        && rest(left.remainder()) == rest(right.remainder())
}

/// The hash of a key.
pub fn hash(key: &[u8]) -> u64 {
    let mut state = SEED ^ key.len() as u64;
    let mut chunks = key.chunks_exact(8);
    for chunk in &mut chunks {
        state = fold(state ^ word(chunk), 0xa076_1d64_78bd_642f);
    }
    state = fold(state ^ rest(chunks.remainder()), 0xe703_7ed1_a0b4_28db);
    fold(state, 0x8ebc_6af0_9c88_c6e3)
}

/// How items are spread over the buckets of a table.
#[derive(Clone, Debug, Default)]
pub struct Spread {
    /// How many buckets the table has.
    pub buckets: usize,
    /// How many buckets have a chain of each length, from 0 on.
    pub chains: Vec<usize>,
}

impl Spread {
    /// How many items there are.
    pub fn items(&self) -> usize {
        self.chains.iter().enumerate().map(|(length, count)| length * count).sum()
    }

    /// Counts another table's buckets too.
    pub fn add(&mut self, other: &Spread) {
        self.buckets += other.buckets;
        if self.chains.len() < other.chains.len() {
            self.chains.resize(other.chains.len(), 0);
        }
        for (sum, n) in self.chains.iter_mut().zip(&other.chains) {
            *sum += n;
        }
    }
}

/// The buckets of one table: the first slot of each chain, as its complement, so that an empty bucket
/// is 0. Memory that must be zero comes from the system as it is needed: a large table costs no long step.
#[derive(Debug, Clone, Default)]
struct Buckets(Vec<u32>);

impl Buckets {
    fn new(size: usize) -> Buckets {
        Buckets(vec![0; size])
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The bucket of a hash. The table must not be empty.
    fn of(&self, hash: usize) -> usize {
        hash & (self.0.len() - 1)
    }

    fn first(&self, bucket: usize) -> u32 {
        self.0.get(bucket).map_or(NIL, |id| !id)
    }

    fn set(&mut self, bucket: usize, first: u32) {
        if let Some(slot) = self.0.get_mut(bucket) {
            *slot = !first;
        }
    }

    fn firsts(&self) -> impl Iterator<Item = u32> {
        self.0.iter().map(|id| !id)
    }
}

/// The buckets.
#[derive(Debug, Clone, Default)]
pub struct Index {
    main: Buckets,
    /// The larger or smaller table that items move to, empty unless resizing.
    target: Buckets,
    /// The next bucket of `main` to move.
    moved: usize,
    used: usize,
}

const SMALLEST: usize = 4;

impl Index {
    /// Whether nothing is indexed.
    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    /// How many items are indexed.
    pub fn len(&self) -> usize {
        self.used
    }

    /// How many buckets there are, both tables together.
    pub fn buckets(&self) -> usize {
        self.main.len() + self.target.len()
    }

    /// Whether items are on the way to another table.
    pub fn is_rehashing(&self) -> bool {
        !self.target.is_empty()
    }

    /// The sizes of the table in use and of the one being moved to.
    pub fn table_sizes(&self) -> (usize, usize) {
        (self.main.len(), self.target.len())
    }

    /// The slot of `key`.
    pub fn find<A: Arena>(&self, arena: &A, key: &[u8]) -> Option<u32> {
        if self.used == 0 {
            return None;
        }
        let hash = hash(key) as usize;
        let bucket = self.main.of(hash);
        let left = if self.target.is_empty() || bucket >= self.moved {
            in_chain(arena, self.main.first(bucket), key)
        } else {
            None
        };
        if left.is_some() || self.target.is_empty() {
            return left;
        }
        in_chain(arena, self.target.first(self.target.of(hash)), key)
    }

    /// The first slot of the chain that `key` is or would be in, as far as one look tells.
    pub fn first_of(&self, key: &[u8]) -> u32 {
        if self.used == 0 {
            return NIL;
        }
        let hash = hash(key) as usize;
        let bucket = self.main.of(hash);
        let moved = !self.target.is_empty() && bucket < self.moved;
        if moved { self.target.first(self.target.of(hash)) } else { self.main.first(bucket) }
    }

    /// Adds slot `id`, whose key must not be present.
    pub fn insert<A: Arena>(&mut self, arena: &mut A, id: u32) {
        self.step(arena);
        if self.main.is_empty() {
            self.main = Buckets::new(SMALLEST);
        } else if self.target.is_empty() && self.used >= self.main.len() {
            self.resize(self.main.len() * 2);
        }
        self.link(arena, id);
        self.used += 1;
    }

    fn link<A: Arena>(&mut self, arena: &mut A, id: u32) {
        let hash = hash(arena.key(id)) as usize;
        let table = if self.target.is_empty() { &mut self.main } else { &mut self.target };
        let bucket = table.of(hash);
        arena.set_next(id, table.first(bucket));
        table.set(bucket, id);
    }

    /// Takes slot `id` out.
    pub fn remove<A: Arena>(&mut self, arena: &mut A, id: u32) {
        self.relink(arena, id, None);
        self.used -= 1;
        self.step(arena);
        if self.target.is_empty() && self.main.len() > SMALLEST && self.used * 8 < self.main.len() {
            self.resize(self.used.next_power_of_two().max(SMALLEST));
        }
    }

    /// Tells the index that the item of slot `old` now lives in slot `new`; the arena must still
    /// answer for `old`.
    pub fn renumber<A: Arena>(&mut self, arena: &mut A, old: u32, new: u32) {
        self.relink(arena, old, Some(new));
    }

    /// Finds what points to `id` and lets it point to `replacement` or past it.
    fn relink<A: Arena>(&mut self, arena: &mut A, id: u32, replacement: Option<u32>) {
        let hash = hash(arena.key(id)) as usize;
        let successor = replacement.unwrap_or_else(|| arena.next(id));
        for table in [&mut self.main, &mut self.target] {
            if table.is_empty() {
                continue;
            }
            let bucket = table.of(hash);
            let mut at = table.first(bucket);
            if at == id {
                table.set(bucket, successor);
                return;
            }
            while at != NIL {
                let next = arena.next(at);
                if next == id {
                    arena.set_next(at, successor);
                    return;
                }
                at = next;
            }
        }
    }

    fn resize(&mut self, size: usize) {
        if size != self.main.len() {
            self.target = Buckets::new(size);
            self.moved = 0;
        }
    }

    /// Makes room for `n` items at once.
    pub fn reserve(&mut self, n: usize) {
        let size = n.next_power_of_two().max(SMALLEST);
        if self.used == 0 {
            self.main = Buckets::new(size);
        } else if self.target.is_empty() && size > self.main.len() {
            self.resize(size);
        }
    }

    /// Moves a little of a resize in progress.
    pub fn step<A: Arena>(&mut self, arena: &mut A) {
        if !self.target.is_empty() {
            self.move_buckets(arena, 1);
        }
    }

    /// Moves up to `n` buckets of a resize in progress. True while more remain.
    pub fn move_buckets<A: Arena>(&mut self, arena: &mut A, n: usize) -> bool {
        let mut empties = n * 10;
        let mut left = n;
        while left > 0 && self.moved < self.main.len() {
            let mut id = self.main.first(self.moved);
            self.main.set(self.moved, NIL);
            self.moved += 1;
            if id == NIL {
                empties -= 1;
                if empties == 0 {
                    break;
                }
                continue;
            }
            while id != NIL {
                let next = arena.next(id);
                self.link(arena, id);
                id = next;
            }
            left -= 1;
        }
        if self.moved >= self.main.len() && !self.target.is_empty() {
            self.main = std::mem::take(&mut self.target);
        }
        !self.target.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = Index::default();
    }

    /// How the items are spread over the table in use and, during a resize, the one being moved to.
    pub fn spread<A: Arena>(&self, arena: &A) -> Vec<Spread> {
        let of = |table: &Buckets| {
            let mut spread = Spread { buckets: table.len(), chains: Vec::new() };
            for first in table.firsts() {
                let (mut id, mut length) = (first, 0);
                while id != NIL {
                    length += 1;
                    id = arena.next(id);
                }
                if spread.chains.len() <= length {
                    spread.chains.resize(length + 1, 0);
                }
                spread.chains[length] += 1;
            }
            spread
        };
        [&self.main, &self.target].into_iter().filter(|t| !t.is_empty()).map(of).collect()
    }

    /// Calls `visit` for the items of one bucket position and returns the next cursor, 0 at the end.
    pub fn scan<A: Arena>(&self, arena: &A, cursor: u64, visit: &mut dyn FnMut(u32)) -> u64 {
        let mut chain = |table: &Buckets, bucket: usize| {
            let mut id = table.first(bucket);
            while id != NIL {
                visit(id);
                id = arena.next(id);
            }
        };
        if self.used == 0 {
            return 0;
        }
        let mut cursor = cursor;
        if self.target.is_empty() {
            let mask = self.main.len() as u64 - 1;
            chain(&self.main, (cursor & mask) as usize);
            return advance(cursor, mask);
        }
        let (small, large) =
            if self.main.len() <= self.target.len() { (&self.main, &self.target) } else { (&self.target, &self.main) };
        let (small_mask, large_mask) = (small.len() as u64 - 1, large.len() as u64 - 1);
        chain(small, (cursor & small_mask) as usize);
        loop {
            chain(large, (cursor & large_mask) as usize);
            cursor = advance(cursor, large_mask);
            if cursor & (small_mask ^ large_mask) == 0 {
                return cursor;
            }
        }
    }
}

/// The slot of `key` in the chain that begins with `first`.
fn in_chain<A: Arena>(arena: &A, first: u32, key: &[u8]) -> Option<u32> {
    let mut id = first;
    while id != NIL {
        if same(arena.key(id), key) {
            return Some(id);
        }
        id = arena.next(id);
    }
    None
}

/// The next cursor: increments the masked bits in reversed order.
fn advance(cursor: u64, mask: u64) -> u64 {
    (cursor | !mask).reverse_bits().wrapping_add(1).reverse_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_the_same_by_halves() {
        let mut state = 1u64;
        for _ in 0..100_000 {
            let a = state;
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let b = state >> (a % 64);
            assert_eq!(fold(a, b), folded_by_halves(a, b), "{a} * {b}");
        }
        assert_eq!(fold(u64::MAX, u64::MAX), folded_by_halves(u64::MAX, u64::MAX));
    }

    #[test]
    fn keys_are_the_same_byte_for_byte() {
        let text: Vec<u8> = (0..200).collect();
        for len in 0..text.len() {
            let (one, mut other) = (&text[..len], text[..len].to_vec());
            assert!(same(one, &other) && !same(one, &text[..len + 1]));
            for at in 0..len {
                other[at] ^= 1;
                assert!(!same(one, &other));
                other[at] ^= 1;
            }
        }
    }

    #[test]
    fn hashes_stay_what_they_are() {
        // What SCAN shows first depends on them.
        assert_eq!(hash(b""), 0xbeb1_2427_5d76_700e);
        assert_eq!(hash(b"key:1"), 0xd1d0_2cf7_8660_b9ee);
        assert_eq!(hash(b"key:000000000001"), 0xf412_d9e2_a1e6_e4b9);
    }
}

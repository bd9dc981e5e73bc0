//! HyperLogLog: how many different things were counted, in 12 KB at most, 0.81 % off on average.
//!
//! The value is a string that anybody can read: a header of 16 bytes (`HYLL`, the encoding, 3 unused
//! bytes, the cached count, whose highest bit says that it is outdated), then 16384 registers. Dense:
//! 6 bits each, lowest bits first. Sparse: runs of equal registers, where `00xxxxxx` is a run of
//! zeros, `01xxxxxx xxxxxxxx` a long one, `1vvvvvxx` up to four registers of a value up to 32.
//! Facts: the format's description in hyperloglog.c of redis-server 8.6.3; the estimate is that of
//! Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", arXiv:1702.01284.

use std::fmt::Write as _;

/// How many registers there are.
pub const REGISTERS: usize = 16384;
/// Bytes of the header.
const HEADER: usize = 16;
/// Bytes of a dense value.
const DENSE_SIZE: usize = HEADER + REGISTERS * 6 / 8;
const DENSE: u8 = 0;
const SPARSE: u8 = 1;
/// Bits of a hash that choose a register.
const INDEX_BITS: u32 = 14;
/// Bits of a hash whose leading zeros are counted.
const REST_BITS: u32 = 64 - INDEX_BITS;
/// Largest value of a sparse register.
const SPARSE_MAX: u8 = 32;
/// Longest run of zeros in one byte.
const SHORT_RUN: usize = 64;
/// Longest run of a value.
const VALUE_RUN: usize = 4;

/// The registers don't add up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt;

/// One value per register.
pub type Registers = [u8; REGISTERS];

/// A run of the sparse encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The registers' value.
    value: u8,
    /// How many registers.
    len: usize,
    /// How many bytes the run takes.
    size: usize,
}

fn run_at(bytes: &[u8], at: usize) -> Option<Run> {
    let first = *bytes.get(at)?;
    Some(match first >> 6 {
        0 => Run { value: 0, len: usize::from(first & 0x3f) + 1, size: 1 },
        1 => {
            let low = *bytes.get(at + 1)?;
            Run { value: 0, len: (usize::from(first & 0x3f) << 8 | usize::from(low)) + 1, size: 2 }
        }
        _ => Run { value: (first >> 2 & 0x1f) + 1, len: usize::from(first & 3) + 1, size: 1 },
    })
}

fn push_run(out: &mut Vec<u8>, value: u8, len: usize) {
    if len == 0 {
        return;
    }
    let less = len - 1;
    match value {
        0 if len > SHORT_RUN => out.extend_from_slice(&[0x40 | (less >> 8) as u8, less as u8]),
        0 => out.push(less as u8),
        _ => out.push(0x80 | (value - 1) << 2 | less as u8),
    }
}

/// A value that counted nothing.
pub fn empty() -> Vec<u8> {
    let mut bytes = b"HYLL".to_vec();
    bytes.resize(HEADER, 0);
    bytes[4] = SPARSE;
    push_run(&mut bytes, 0, REGISTERS);
    bytes
}

/// Whether a string looks like a HyperLogLog.
pub fn is_valid(bytes: &[u8]) -> bool {
    bytes.len() >= HEADER
        && bytes.starts_with(b"HYLL")
        && bytes[4] <= SPARSE
        && (bytes[4] == SPARSE || bytes.len() == DENSE_SIZE)
}

/// Whether the encoding is dense.
pub fn is_dense(bytes: &[u8]) -> bool {
    bytes.get(4) == Some(&DENSE)
}

/// The count as it was computed last, if nothing was added since.
pub fn cached(bytes: &[u8]) -> Option<u64> {
    let card: [u8; 8] = bytes.get(8..HEADER)?.try_into().ok()?;
    Some(u64::from_le_bytes(card)).filter(|n| n >> 63 == 0)
}

/// Keeps a count.
pub fn set_cached(bytes: &mut [u8], count: u64) {
    if let Some(card) = bytes.get_mut(8..HEADER) {
        card.copy_from_slice(&count.to_le_bytes());
    }
}

/// Says that the cached count is outdated.
pub fn outdate(bytes: &mut [u8]) {
    if let Some(last) = bytes.get_mut(HEADER - 1) {
        *last |= 0x80;
    }
}

/// MurmurHash64A, as published by Austin Appleby.
fn murmur(data: &[u8], seed: u64) -> u64 {
    const M: u64 = 0xc6a4_a793_5bd1_e995;
    let mut h = seed ^ (data.len() as u64).wrapping_mul(M);
    let mut chunks = data.chunks_exact(8);
    for chunk in &mut chunks {
        let mut k = word(chunk).wrapping_mul(M);
        k ^= k >> 47;
        h = (h ^ k.wrapping_mul(M)).wrapping_mul(M);
    }
    let rest = chunks.remainder();
    if !rest.is_empty() {
        h = (h ^ word(rest)).wrapping_mul(M);
    }
    h = (h ^ h >> 47).wrapping_mul(M);
    h ^ h >> 47
}

fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

/// The register of an element, and what it may be raised to: the place of the first bit that is set.
fn place(element: &[u8]) -> (usize, u8) {
    let hash = murmur(element, 0xadc8_3b19);
    let index = hash as usize & (REGISTERS - 1);
    let rest = hash >> INDEX_BITS | 1 << REST_BITS;
    (index, rest.trailing_zeros() as u8 + 1)
}

fn dense_get(registers: &[u8], index: usize) -> u8 {
    let (byte, bit) = (index * 6 / 8, index * 6 % 8);
    let low = registers.get(byte).copied().unwrap_or(0);
    let high = registers.get(byte + 1).copied().unwrap_or(0);
    ((u16::from(high) << 8 | u16::from(low)) >> bit) as u8 & 0x3f
}

fn dense_put(registers: &mut [u8], index: usize, value: u8) {
    let (byte, bit) = (index * 6 / 8, index * 6 % 8);
    let (mask, bits) = (0x3f_u16 << bit, u16::from(value) << bit);
    for (n, (mask, bits)) in mask.to_le_bytes().into_iter().zip(bits.to_le_bytes()).enumerate() {
        if let Some(b) = registers.get_mut(byte + n) {
            *b = *b & !mask | bits;
        }
    }
}

/// Four registers lie in three bytes.
fn unpack([a, b, c]: [u8; 3]) -> [u8; 4] {
    [a & 0x3f, (b << 2 | a >> 6) & 0x3f, (c << 4 | b >> 4) & 0x3f, c >> 2]
}

/// The three bytes of four registers.
fn pack([a, b, c, d]: [u8; 4]) -> [u8; 3] {
    [a | b << 6, b >> 2 | c << 4, c >> 4 | d << 2]
}

/// The registers of a dense value, four at a time.
fn packed(bytes: &[u8]) -> Result<&[[u8; 3]], Corrupt> {
    bytes.get(HEADER..DENSE_SIZE).map(|registers| registers.as_chunks().0).ok_or(Corrupt)
}

/// Visits the registers in order as runs.
fn each_run(bytes: &[u8], visit: &mut dyn FnMut(usize, Run)) -> Result<(), Corrupt> {
    let (mut at, mut index) = (HEADER, 0);
    while at < bytes.len() {
        let run = run_at(bytes, at).ok_or(Corrupt)?;
        if index + run.len > REGISTERS {
            return Err(Corrupt);
        }
        visit(index, run);
        index += run.len;
        at += run.size;
    }
    if index == REGISTERS { Ok(()) } else { Err(Corrupt) }
}

/// Makes the encoding dense.
pub fn make_dense(bytes: &mut Vec<u8>) -> Result<(), Corrupt> {
    if is_dense(bytes) {
        return Ok(());
    }
    let mut dense = bytes.get(..HEADER).ok_or(Corrupt)?.to_vec();
    dense[4] = DENSE;
    dense.resize(DENSE_SIZE, 0);
    each_run(bytes, &mut |index, run| {
        if run.value > 0 {
            (index..index + run.len).for_each(|n| dense_put(&mut dense[HEADER..], n, run.value));
        }
    })?;
    *bytes = dense;
    Ok(())
}

/// Counts an element. True if a register was raised. A sparse value may grow to `max` bytes.
pub fn add(bytes: &mut Vec<u8>, element: &[u8], max: usize) -> Result<bool, Corrupt> {
    let (index, value) = place(element);
    raise(bytes, index, value, max)
}

/// Raises a register to a value, unless it is as high already.
pub fn raise(bytes: &mut Vec<u8>, index: usize, value: u8, max: usize) -> Result<bool, Corrupt> {
    if is_dense(bytes) {
        let registers = bytes.get_mut(HEADER..).ok_or(Corrupt)?;
        let raised = dense_get(registers, index) < value;
        if raised {
            dense_put(registers, index, value);
        }
        return Ok(raised);
    }
    if value <= SPARSE_MAX
        && let Some(raised) = raise_sparse(bytes, index, value, max)?
    {
        return Ok(raised);
    }
    make_dense(bytes)?;
    raise(bytes, index, value, max)
}

/// The same in the sparse encoding; nothing if the value would grow too long.
fn raise_sparse(bytes: &mut Vec<u8>, index: usize, value: u8, max: usize) -> Result<Option<bool>, Corrupt> {
    let (mut before, mut at, mut first) = (HEADER, HEADER, 0);
    let run = loop {
        let run = run_at(bytes, at).ok_or(Corrupt)?;
        if index < first + run.len {
            break run;
        }
        before = at;
        at += run.size;
        first += run.len;
    };
    if run.value >= value {
        return Ok(Some(false));
    }
    let mut parts = Vec::with_capacity(5);
    push_run(&mut parts, run.value, index - first);
    push_run(&mut parts, value, 1);
    push_run(&mut parts, run.value, first + run.len - 1 - index);
    if parts.len() > run.size && bytes.len() + parts.len() - run.size > max {
        return Ok(None);
    }
    bytes.splice(at..at + run.size, parts);
    join_runs(bytes, before);
    outdate(bytes);
    Ok(Some(true))
}

/// Joins neighbouring runs of one value. Only the few that a change may have brought together are
/// looked at, from the run before it on.
fn join_runs(bytes: &mut Vec<u8>, from: usize) {
    let mut at = from;
    for _ in 0..5 {
        let Some(run) = run_at(bytes, at) else { return };
        if run.value > 0
            && let Some(next) = run_at(bytes, at + 1)
            && next.value == run.value
            && run.len + next.len <= VALUE_RUN
        {
            let mut joined = Vec::with_capacity(1);
            push_run(&mut joined, run.value, run.len + next.len);
            bytes.splice(at..at + 2, joined);
        } else {
            at += run.size;
        }
    }
}

/// Raises all registers to those of a value.
pub fn merge(into: &mut Registers, bytes: &[u8]) -> Result<(), Corrupt> {
    if is_dense(bytes) {
        for (registers, packed) in into.as_chunks_mut().0.iter_mut().zip(packed(bytes)?) {
            let theirs = unpack(*packed);
            *registers = std::array::from_fn::<u8, 4, _>(|n| theirs[n].max(registers[n]));
        }
        return Ok(());
    }
    each_run(bytes, &mut |index, run| {
        if run.value > 0 {
            into[index..index + run.len].iter_mut().for_each(|r| *r = run.value.max(*r));
        }
    })
}

/// Makes all registers of a dense value those.
pub fn replace(bytes: &mut [u8], registers: &Registers) -> Result<(), Corrupt> {
    let places = bytes.get_mut(HEADER..DENSE_SIZE).ok_or(Corrupt)?.as_chunks_mut().0;
    places.iter_mut().zip(registers.as_chunks().0).for_each(|(place, four)| *place = pack(*four));
    Ok(())
}

/// How many different elements were counted, about.
pub fn count(bytes: &[u8]) -> Result<u64, Corrupt> {
    let mut histogram = [0u32; 64];
    if is_dense(bytes) {
        // Neighbours are often equal, and then adding to one number would wait for itself.
        let mut apart = [[0u32; 64]; 4];
        for four in packed(bytes)? {
            for (histogram, register) in apart.iter_mut().zip(unpack(*four)) {
                histogram[usize::from(register)] += 1;
            }
        }
        histogram = std::array::from_fn(|n| apart.iter().map(|histogram| histogram[n]).sum());
    } else {
        each_run(bytes, &mut |_, run| histogram[usize::from(run.value)] += run.len as u32)?;
    }
    Ok(estimate(&histogram))
}

/// How many different elements these registers stand for, about.
pub fn count_registers(registers: &Registers) -> u64 {
    let mut histogram = [0u32; 64];
    registers.iter().for_each(|r| histogram[usize::from(r & 0x3f)] += 1);
    estimate(&histogram)
}

/// Ertl's improved estimate, from how many registers have each value.
fn estimate(histogram: &[u32; 64]) -> u64 {
    const ALPHA: f64 = 0.721_347_520_444_481_7; // 0.5 / ln(2)
    let m = REGISTERS as f64;
    let last = REST_BITS as usize + 1;
    let mut z = m * tau((m - f64::from(histogram[last])) / m);
    for n in (1..last).rev() {
        z = (z + f64::from(histogram[n])) * 0.5;
    }
    z += m * sigma(f64::from(histogram[0]) / m);
    (ALPHA * m * m / z).round() as u64
}

fn sigma(mut x: f64) -> f64 {
    if x == 1.0 {
        return f64::INFINITY;
    }
    let (mut y, mut z) = (1.0, x);
    loop {
        x *= x;
        let before = z;
        z += x * y;
        y += y;
        if before == z {
            return z;
        }
    }
}

fn tau(mut x: f64) -> f64 {
    if x == 0.0 || x == 1.0 {
        return 0.0;
    }
    let (mut y, mut z) = (1.0, 1.0 - x);
    loop {
        x = x.sqrt();
        let before = z;
        y *= 0.5;
        z -= (1.0 - x) * (1.0 - x) * y;
        if before == z {
            return z / 3.0;
        }
    }
}

/// The value of each register of a dense value.
pub fn dense_registers(bytes: &[u8]) -> impl Iterator<Item = u8> {
    let registers = bytes.get(HEADER..).unwrap_or_default();
    (0..REGISTERS).map(|n| dense_get(registers, n))
}

/// The runs of a sparse value for people: `Z:100 v:3,1 z:5`.
pub fn describe(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut at = HEADER;
    while let Some(run) = run_at(bytes, at) {
        at += run.size;
        let _ = match (run.value, run.size) {
            (0, 1) => write!(text, "z:{} ", run.len),
            (0, _) => write!(text, "Z:{} ", run.len),
            _ => write!(text, "v:{},{} ", run.value, run.len),
        };
    }
    text.truncate(text.trim_end().len());
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// GET after `PFADD k a b c d e f g` and PFCOUNT, of redis-server 8.6.3.
    const SEVEN: &[u8] = b"HYLL\x01\x00\x00\x00\x07\x00\x00\x00\x00\x00\x00\x00";

    #[test]
    fn the_header_and_the_count_are_as_in_redis() {
        let mut bytes = empty();
        assert_eq!(bytes, b"HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff");
        for element in [b"a", b"b", b"c", b"d", b"e", b"f", b"g"] {
            assert_eq!(add(&mut bytes, element, 3000), Ok(true));
        }
        assert_eq!((cached(&bytes), count(&bytes)), (None, Ok(7)));
        set_cached(&mut bytes, 7);
        assert!(bytes.starts_with(SEVEN));
        assert_eq!(add(&mut bytes, b"a", 3000), Ok(false));
        assert_eq!(cached(&bytes), Some(7));
    }

    #[test]
    fn both_encodings_agree() {
        let (mut sparse, mut dense) = (empty(), empty());
        make_dense(&mut dense).unwrap();
        for n in 0..3000u32 {
            let element = n.to_string();
            let raised = add(&mut sparse, element.as_bytes(), 20_000).unwrap();
            assert_eq!(add(&mut dense, element.as_bytes(), 0), Ok(raised));
        }
        assert!(!is_dense(&sparse));
        assert_eq!(count(&sparse), count(&dense));
        let (mut a, mut b) = ([0; REGISTERS], [0; REGISTERS]);
        merge(&mut a, &sparse).unwrap();
        merge(&mut b, &dense).unwrap();
        assert!(a == b && count_registers(&a) == count(&dense).unwrap());
        make_dense(&mut sparse).unwrap();
        assert_eq!(sparse[HEADER..], dense[HEADER..]);
        dense[HEADER..].fill(0xff);
        replace(&mut dense, &a).unwrap();
        assert_eq!(sparse[HEADER..], dense[HEADER..]);
        let counted = count(&dense).unwrap() as f64;
        assert!((counted - 3000.0).abs() < 3000.0 * 0.05, "{counted}");
    }

    #[test]
    fn a_sparse_value_that_would_grow_too_long_becomes_dense() {
        let mut bytes = empty();
        for n in 0..200u32 {
            add(&mut bytes, &n.to_le_bytes(), 100).unwrap();
            assert!(is_dense(&bytes) || bytes.len() <= 100);
        }
        assert!(is_dense(&bytes) && is_valid(&bytes));
    }

    #[test]
    fn damage_is_found() {
        let mut bytes = empty();
        bytes.push(0);
        assert_eq!(count(&bytes), Err(Corrupt));
        assert_eq!(make_dense(&mut bytes), Err(Corrupt));
        let mut short = empty();
        short.truncate(HEADER + 1);
        assert_eq!(count(&short), Err(Corrupt));
        assert_eq!(raise(&mut short, 5, 3, 3000), Err(Corrupt));
        assert!(!is_valid(b"HYLL") && !is_valid(b"HYLL\x00xxxxxxxxxxxxxxxx"));
    }
}

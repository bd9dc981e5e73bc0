//! CRC-64 with the Jones polynomial, as RDB files and DUMP payloads end with.

use std::sync::LazyLock;

/// How many bytes are taken at once.
const STEP: usize = 8;

/// What each byte adds to the checksum, by how many bytes follow it in a step. Made when it is needed first: as a
/// constant it would take more of the page than all the code around it.
static TABLES: LazyLock<Box<[[u64; 256]; STEP]>> = LazyLock::new(tables);

fn tables() -> Box<[[u64; 256]; STEP]> {
    const REVERSED: u64 = 0xad93_d235_94c9_35a9_u64.reverse_bits();
    let mut tables = Box::new([[0; 256]; STEP]);
    for n in 0..256 {
        let mut crc = n as u64;
        for table in tables.iter_mut() {
            for _ in 0..8 {
                crc = if crc & 1 == 1 { (crc >> 1) ^ REVERSED } else { crc >> 1 };
            }
            table[n] = crc;
        }
    }
    tables
}

/// The checksum of `data`, going on from that of what came before (0 at the start).
pub fn update(mut crc: u64, data: &[u8]) -> u64 {
    let tables = &**TABLES;
    let (steps, rest) = data.as_chunks::<STEP>();
    for step in steps {
        let bytes = (crc ^ u64::from_le_bytes(*step)).to_le_bytes();
        crc = bytes.iter().zip(tables.iter().rev()).fold(0, |crc, (byte, table)| crc ^ table[usize::from(*byte)]);
    }
    rest.iter().fold(crc, |crc, byte| tables[0][usize::from(crc as u8 ^ byte)] ^ (crc >> 8))
}

#[cfg(test)]
mod tests {
    use super::update;

    #[test]
    fn the_check_value_is_right() {
        assert_eq!(update(0, b"123456789"), 0xe9c6_d914_c4b8_d9ca);
    }

    #[test]
    fn parts_of_any_length_give_the_same() {
        let data: Vec<u8> = (0..100u8).map(|n| n.wrapping_mul(37)).collect();
        let whole = update(0, &data);
        for cut in 0..data.len() {
            assert_eq!(update(update(0, &data[..cut]), &data[cut..]), whole);
        }
        assert_eq!(data.iter().fold(0, |crc, byte| update(crc, &[*byte])), whole);
    }
}

//! How vectors are kept: as they are, in eight bits a component, or in one; and how far apart two are.

/// A kind of quantization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quant {
    /// `f32`: all bits.
    None,
    /// `int8`: each component in steps of a 127th of the largest.
    Q8,
    /// `bin`: the signs.
    Bin,
}

impl Quant {
    /// The name in VINFO and VEMB.
    pub fn name(self) -> &'static str {
        match self {
            Quant::None => "f32",
            Quant::Q8 => "int8",
            Quant::Bin => "bin",
        }
    }

    /// Bytes of a vector.
    pub fn bytes(self, dim: usize) -> usize {
        match self {
            Quant::None => 4 * dim,
            Quant::Q8 => dim,
            Quant::Bin => dim.div_ceil(64) * 8,
        }
    }
}

/// A vector of length 1, and what is needed to have the original again.
#[derive(Clone, Debug, PartialEq)]
pub struct Vector {
    /// The components.
    pub data: Components,
    /// The original's length; 1 for a vector of zeros.
    pub l2: f32,
    /// The largest component's size, in `int8`.
    pub range: f32,
}

/// The components of a vector.
#[derive(Clone, Debug, PartialEq)]
pub enum Components {
    /// As they are.
    F32(Box<[f32]>),
    /// From -127 to 127.
    Q8(Box<[i8]>),
    /// A set bit for each that is greater than 0.
    Bin(Box<[u64]>),
}

impl Vector {
    /// Normalizes and quantizes.
    pub fn new(mut values: Vec<f32>, quant: Quant) -> Vector {
        let sum = square(&values);
        let mut l2 = 1.0;
        if sum != 0.0 {
            l2 = sum.sqrt();
            values.iter_mut().for_each(|x| *x /= l2);
        }
        let mut range = 0.0;
        let data = match quant {
            Quant::None => Components::F32(values.into()),
            Quant::Q8 => {
                range = values.iter().fold(0.0f32, |most, x| most.max(x.abs()));
                let scale = if range == 0.0 { 0.0 } else { 127.0 / range };
                Components::Q8(values.iter().map(|x| (x * scale).round() as i8).collect())
            }
            Quant::Bin => Components::Bin(
                values
                    .chunks(64)
                    .map(|part| part.iter().enumerate().fold(0, |bits, (at, x)| bits | u64::from(*x > 0.0) << at))
                    .collect(),
            ),
        };
        Vector { data, l2, range }
    }

    /// The original, as far as it can be had.
    pub fn values(&self, dim: usize) -> Vec<f32> {
        match &self.data {
            Components::F32(values) => values.iter().map(|x| x * self.l2).collect(),
            Components::Q8(values) => values.iter().map(|x| f32::from(*x) * self.range / 127.0 * self.l2).collect(),
            Components::Bin(words) => {
                let bit = |at: usize| words.get(at / 64).is_some_and(|word| word >> (at % 64) & 1 == 1);
                (0..dim).map(|at| if bit(at) { 1.0 } else { -1.0 }).collect()
            }
        }
    }

    /// Which quantization it has.
    pub fn quant(&self) -> Quant {
        match self.data {
            Components::F32(_) => Quant::None,
            Components::Q8(_) => Quant::Q8,
            Components::Bin(_) => Quant::Bin,
        }
    }

    /// The components as bytes, the least significant first.
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.data {
            Components::F32(values) => values.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Components::Q8(values) => values.iter().map(|x| *x as u8).collect(),
            Components::Bin(words) => words.iter().flat_map(|w| w.to_le_bytes()).collect(),
        }
    }

    /// A vector of bytes as [`Vector::to_bytes`] gives them. None where they are not as many as they must be.
    pub fn from_bytes(bytes: &[u8], quant: Quant, dim: usize, l2: f32, range: f32) -> Option<Vector> {
        (bytes.len() == quant.bytes(dim)).then_some(())?;
        let data = match quant {
            Quant::None => Components::F32(floats(bytes).into()),
            Quant::Q8 => Components::Q8(bytes.iter().map(|b| *b as i8).collect()),
            Quant::Bin => {
                let words = bytes.chunks_exact(8).filter_map(|w| w.try_into().ok()).map(u64::from_le_bytes);
                Components::Bin(words.collect())
            }
        };
        Some(Vector { data, l2, range })
    }

    /// How far another vector of the same kind is away: 1 less the cosine of the angle between them, from 0 to 2.
    pub fn distance(&self, other: &Vector, dim: usize) -> f32 {
        match (&self.data, &other.data) {
            (Components::F32(a), Components::F32(b)) => 1.0 - dot(a, b),
            (Components::Q8(a), Components::Q8(b)) => {
                if self.range == 0.0 || other.range == 0.0 {
                    return 1.0;
                }
                let dot: i64 = a.iter().zip(b).map(|(x, y)| i64::from(*x) * i64::from(*y)).sum();
                let distance = 1.0 - dot as f32 * (self.range / 127.0 * (other.range / 127.0));
                distance.clamp(0.0, 2.0)
            }
            (Components::Bin(a), Components::Bin(b)) => {
                let apart: u32 = a.iter().zip(b).map(|(x, y)| (x ^ y).count_ones()).sum();
                apart as f32 * 2.0 / dim as f32
            }
            _ => 2.0,
        }
    }
}

/// The square of a vector's length; added up in fours, as the real server does, whose last digit is seen.
fn square(values: &[f32]) -> f32 {
    let (fours, rest) = values.as_chunks::<4>();
    let sum = fours.iter().fold(0.0, |sum, [a, b, c, d]| sum + (a * a + b * b + c * c + d * d));
    rest.iter().fold(sum, |sum, x| sum + x * x)
}

/// The scalar product, added up likewise.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let ((left, left_rest), (right, right_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let (mut low, mut high) = (0.0, 0.0);
    for (x, y) in left.iter().zip(right) {
        low += x[0] * y[0] + x[1] * y[1] + x[2] * y[2] + x[3] * y[3];
        high += x[4] * y[4] + x[5] * y[5] + x[6] * y[6] + x[7] * y[7];
    }
    left_rest.iter().zip(right_rest).fold(low, |sum, (x, y)| sum + x * y) + high
}

/// Numbers of four bytes each, the least significant first.
pub fn floats(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).filter_map(|b| b.try_into().ok()).map(f32::from_le_bytes).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_come_back_as_near_as_their_kind_allows() {
        let original = vec![1.0, -2.0, 3.0];
        for (quant, most) in [(Quant::None, 1e-6), (Quant::Q8, 0.02)] {
            let vector = Vector::new(original.clone(), quant);
            assert!(vector.values(3).iter().zip(&original).all(|(a, b)| (a - b).abs() < most), "{quant:?}");
            let again = Vector::from_bytes(&vector.to_bytes(), quant, 3, vector.l2, vector.range);
            assert_eq!(again, Some(vector));
        }
        assert_eq!(Vector::new(original, Quant::Bin).values(3), [1.0, -1.0, 1.0]);
    }

    #[test]
    fn distances_go_from_0_to_2() {
        for quant in [Quant::None, Quant::Q8, Quant::Bin] {
            let [a, b, c] = [[1.0, 1.0], [-1.0, -1.0], [1.0, -1.0]].map(|v| Vector::new(v.to_vec(), quant));
            assert!(a.distance(&a, 2).abs() < 0.01 && (a.distance(&b, 2) - 2.0).abs() < 0.01, "{quant:?}");
            assert!((a.distance(&c, 2) - 1.0).abs() < 0.01, "{quant:?}");
        }
        let nothing = Vector::new(vec![0.0, 0.0], Quant::Q8);
        assert_eq!(nothing.distance(&nothing, 2), 1.0);
    }
}

//! Places on the earth as numbers: longitude and latitude, 26 bits each, interleaved, so that places
//! near each other mostly have numbers near each other; and distances.
//!
//! Facts: geohash.c and geohash_helper.c of redis-server 8.6.3, whose results these are to the digit.

/// Largest longitude, either way.
pub const MAX_LON: f64 = 180.0;
/// Largest latitude, either way: that of the square web map (EPSG:3857).
pub const MAX_LAT: f64 = 85.051_128_78;
/// Bits per coordinate of a score.
const STEPS: u32 = 26;
/// Mean radius in metres.
const EARTH_RADIUS: f64 = 6_372_797.560_856;
/// Half the equator on the map, in metres.
const HALF_EQUATOR: f64 = 20_037_726.37;

/// A place.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Place {
    /// Degrees east.
    pub lon: f64,
    /// Degrees north.
    pub lat: f64,
}

impl Place {
    /// Whether it can be encoded.
    pub fn is_valid(self) -> bool {
        (-MAX_LON..=MAX_LON).contains(&self.lon) && (-MAX_LAT..=MAX_LAT).contains(&self.lat)
    }

    /// The score of a sorted set's member at this place.
    pub fn score(self) -> u64 {
        Cell::of(self, STEPS, MAX_LAT).bits
    }

    /// The place that a score stands for: the middle of its cell.
    pub fn from_score(score: f64) -> Place {
        // Scores that GEOADD can't have made count as the original's processor converts them.
        let bits = match score {
            _ if score >= u64::MAX as f64 => 0,
            _ if score < 0.0 => score as i64 as u64,
            _ => score as u64,
        };
        Cell { bits, steps: STEPS }.area().middle()
    }

    /// The 11 letters of the standard geohash, of which the last is always 0.
    pub fn geohash(self) -> [u8; 11] {
        const ALPHABET: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";
        let bits = Cell::of(self, STEPS, 90.0).bits;
        std::array::from_fn(|n| match n {
            0..10 => ALPHABET[(bits >> (47 - 5 * n)) as usize & 31],
            _ => ALPHABET[0],
        })
    }

    /// Metres along a meridian.
    fn lat_distance(self, other: Place) -> f64 {
        EARTH_RADIUS * (radians(other.lat) - radians(self.lat)).abs()
    }

    /// Metres along a great circle, by the haversine formula.
    pub fn distance(self, other: Place) -> f64 {
        let v = ((radians(other.lon) - radians(self.lon)) / 2.0).sin();
        if v == 0.0 {
            return self.lat_distance(other);
        }
        let (from, to) = (radians(self.lat), radians(other.lat));
        let u = ((to - from) / 2.0).sin();
        let a = u * u + from.cos() * to.cos() * v * v;
        2.0 * EARTH_RADIUS * a.sqrt().asin()
    }
}

fn radians(degrees: f64) -> f64 {
    degrees * (std::f64::consts::PI / 180.0)
}

fn degrees(radians: f64) -> f64 {
    radians / (std::f64::consts::PI / 180.0)
}

/// A square of the map: so many leading bits of both coordinates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Cell {
    bits: u64,
    steps: u32,
}

/// The sides of a cell.
#[derive(Clone, Copy, Debug)]
struct Area {
    west: f64,
    east: f64,
    south: f64,
    north: f64,
}

impl Area {
    fn middle(self) -> Place {
        let lon = ((self.west + self.east) / 2.0).clamp(-MAX_LON, MAX_LON);
        Place { lon, lat: ((self.south + self.north) / 2.0).clamp(-MAX_LAT, MAX_LAT) }
    }
}

/// Spreads the bits of a number to the even places.
fn spread(n: u32) -> u64 {
    const STAGES: [(u32, u64); 5] = [
        (16, 0x0000_ffff_0000_ffff),
        (8, 0x00ff_00ff_00ff_00ff),
        (4, 0x0f0f_0f0f_0f0f_0f0f),
        (2, 0x3333_3333_3333_3333),
        (1, EVEN),
    ];
    STAGES.iter().fold(u64::from(n), |n, (shift, mask)| (n | n << shift) & mask)
}

/// Brings the even bits together again.
fn gather(n: u64) -> u32 {
    const STAGES: [(u32, u64); 5] = [
        (1, 0x3333_3333_3333_3333),
        (2, 0x0f0f_0f0f_0f0f_0f0f),
        (4, 0x00ff_00ff_00ff_00ff),
        (8, 0x0000_ffff_0000_ffff),
        (16, 0x0000_0000_ffff_ffff),
    ];
    STAGES.iter().fold(n & EVEN, |n, (shift, mask)| (n | n >> shift) & mask) as u32
}

const EVEN: u64 = 0x5555_5555_5555_5555;

impl Cell {
    /// The cell of a place, where latitudes go up to `max_lat`.
    fn of(place: Place, steps: u32, max_lat: f64) -> Cell {
        let scale = (1u64 << steps) as f64;
        let lat = (place.lat + max_lat) / (max_lat + max_lat) * scale;
        let lon = (place.lon + MAX_LON) / (MAX_LON + MAX_LON) * scale;
        Cell { bits: spread(lat as u32) | spread(lon as u32) << 1, steps }
    }

    fn area(self) -> Area {
        let scale = (1u64 << self.steps) as f64;
        let (lat, lon) = (gather(self.bits), gather(self.bits >> 1));
        let north = |n: f64| -MAX_LAT + n / scale * (MAX_LAT + MAX_LAT);
        let east = |n: f64| -MAX_LON + n / scale * (MAX_LON + MAX_LON);
        let next = |n: u32| f64::from(n.wrapping_add(1));
        Area {
            west: east(f64::from(lon)),
            east: east(next(lon)),
            south: north(f64::from(lat)),
            north: north(next(lat)),
        }
    }

    /// The cell so many cells east and north; the map is round both ways.
    fn moved(self, east: i32, north: i32) -> Cell {
        let mask = ((1u64 << self.steps) - 1) as u32;
        let lat = gather(self.bits).wrapping_add_signed(north) & mask;
        let lon = gather(self.bits >> 1).wrapping_add_signed(east) & mask;
        Cell { bits: spread(lat) | spread(lon) << 1, ..self }
    }

    /// The scores that belong to it: from, and up to but not including.
    fn scores(self) -> (f64, f64) {
        let shift = 2 * (STEPS - self.steps);
        ((self.bits << shift) as f64, ((self.bits + 1) << shift) as f64)
    }
}

/// What to search in.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// So many metres around.
    Circle(f64),
    /// Width and height in metres.
    Box(f64, f64),
}

impl Shape {
    /// The distance of a place from the middle if it lies inside.
    pub fn covers(self, middle: Place, place: Place) -> Option<f64> {
        match self {
            Shape::Circle(radius) => Some(middle.distance(place)).filter(|d| *d <= radius),
            Shape::Box(width, height) => {
                let inside = place.lat_distance(middle) <= height / 2.0
                    && place.distance(Place { lat: place.lat, ..middle }) <= width / 2.0;
                inside.then(|| middle.distance(place))
            }
        }
    }

    /// Half of width and height, and the distance of the farthest point.
    fn extent(self) -> (f64, f64, f64) {
        match self {
            Shape::Circle(radius) => (radius, radius, radius),
            Shape::Box(width, height) => {
                let (x, y) = (width / 2.0, height / 2.0);
                (x, y, (x * x + y * y).sqrt())
            }
        }
    }

    fn bounds(self, middle: Place) -> Area {
        let (width, height, _) = self.extent();
        let lat = degrees(height / EARTH_RADIUS);
        // Meridians are nearest to each other on the side of the pole.
        let edge = if middle.lat < 0.0 { middle.lat - lat } else { middle.lat + lat };
        let lon = degrees(width / EARTH_RADIUS / radians(edge).cos());
        Area { west: middle.lon - lon, east: middle.lon + lon, south: middle.lat - lat, north: middle.lat + lat }
    }

    /// The ranges of scores (from, and up to but not including) that hold everything inside.
    pub fn score_ranges(self, middle: Place) -> Vec<(f64, f64)> {
        let bounds = self.bounds(middle);
        let mut cell = Cell::of(middle, steps_for(self.extent().2, middle.lat), MAX_LAT);
        let too_small = cell.moved(0, 1).area().north < bounds.north
            || cell.moved(0, -1).area().south > bounds.south
            || cell.moved(1, 0).area().east < bounds.east
            || cell.moved(-1, 0).area().west > bounds.west;
        if cell.steps > 1 && too_small {
            cell = Cell::of(middle, cell.steps - 1, MAX_LAT);
        }
        let area = cell.area();
        let useless = |east: i32, north: i32| {
            cell.steps >= 2
                && (north < 0 && area.south < bounds.south
                    || north > 0 && area.north > bounds.north
                    || east < 0 && area.west < bounds.west
                    || east > 0 && area.east > bounds.east)
        };
        // The order in which results come that nobody sorts.
        const AROUND: [(i32, i32); 9] = [(0, 0), (0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (-1, 1), (1, -1), (-1, -1)];
        let mut ranges = Vec::new();
        let mut last: Option<Cell> = None;
        for (n, (east, north)) in AROUND.into_iter().enumerate() {
            let next = cell.moved(east, north);
            // Where cells are huge, neighbours may be the same. The first cell is not compared.
            if useless(east, north) || last == Some(next) {
                continue;
            }
            ranges.push(next.scores());
            if n > 0 {
                last = Some(next);
            }
        }
        ranges
    }
}

/// How many bits a cell may have so that it and its neighbours cover a radius.
fn steps_for(radius: f64, lat: f64) -> u32 {
    if radius == 0.0 {
        return STEPS;
    }
    let mut steps: i32 = 1;
    let mut radius = radius;
    while radius < HALF_EQUATOR {
        radius *= 2.0;
        steps += 1;
    }
    steps -= 2;
    if lat.abs() > 66.0 {
        steps -= 1;
    }
    if lat.abs() > 80.0 {
        steps -= 1;
    }
    steps.clamp(1, STEPS as i32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    const PALERMO: Place = Place { lon: 13.361389, lat: 38.115556 };
    const CATANIA: Place = Place { lon: 15.087269, lat: 37.502669 };

    #[test]
    fn places_are_encoded_as_in_redis() {
        // The example of the GEOADD page of the Redis documentation.
        assert_eq!(PALERMO.score(), 3_479_099_956_230_698);
        assert_eq!(Place::from_score(3_479_099_956_230_698.0).geohash(), *b"sqc8b49rny0");
        assert_eq!(Place::from_score(CATANIA.score() as f64).geohash(), *b"sqdtr74hyu0");
        let (a, b) = (Place::from_score(PALERMO.score() as f64), Place::from_score(CATANIA.score() as f64));
        assert_eq!(format!("{:.4}", a.distance(b)), "166274.1516");
        assert_eq!(a.lon, 13.361389338970184);
    }

    #[test]
    fn cells_are_neighbours_around_the_map() {
        let cell = Cell::of(Place { lon: 179.9, lat: 0.0 }, 8, MAX_LAT);
        assert!(cell.moved(1, 0).area().west < -179.0);
        assert_eq!(cell.moved(3, -2).moved(-3, 2), cell);
        assert_eq!(gather(spread(0xdead_beef)), 0xdead_beef);
    }

    #[test]
    fn every_place_in_a_circle_is_in_its_ranges() {
        let mut seed = 7u64;
        let mut random = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 11) as f64 / (1u64 << 53) as f64
        };
        for _ in 0..2000 {
            let middle = Place { lon: random() * 300.0 - 150.0, lat: random() * 140.0 - 70.0 };
            let radius = 10f64.powf(random() * 5.0 + 1.0);
            let ranges = Shape::Circle(radius).score_ranges(middle);
            let near = Place { lon: middle.lon + random() - 0.5, lat: middle.lat + random() - 0.5 };
            let score = near.score() as f64;
            if near.is_valid() && Shape::Circle(radius).covers(middle, Place::from_score(score)).is_some() {
                assert!(ranges.iter().any(|(from, to)| (*from..*to).contains(&score)), "{middle:?} {near:?} {radius}");
            }
        }
    }
}

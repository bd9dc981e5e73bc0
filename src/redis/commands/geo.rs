//! What the commands about places share.

use super::prelude::*;
use crate::data::geo::Place;
use crate::server::number::parse_double;

/// Longitude and latitude in two words.
pub fn place(cx: &Cx<'_>, at: usize) -> Result<Place, Fail> {
    let place = Place { lon: cx.float(at)?, lat: cx.float(at + 1)? };
    if place.is_valid() {
        Ok(place)
    } else {
        Err(format!("ERR invalid longitude,latitude pair {:.6},{:.6}", place.lon, place.lat).into())
    }
}

/// How many metres a unit has.
pub fn unit(word: &[u8]) -> Result<f64, Fail> {
    match word.to_ascii_lowercase().as_slice() {
        b"m" => Ok(1.0),
        b"km" => Ok(1000.0),
        b"ft" => Ok(0.3048),
        b"mi" => Ok(1609.34),
        _ => Err("ERR unsupported unit provided. please use M, KM, FT, MI".into()),
    }
}

/// A number that must not be negative.
pub fn length(word: &[u8], not_a_number: &'static str) -> Result<f64, Fail> {
    parse_double(word).ok_or(Fail::from(not_a_number))
}

/// A distance with four digits after the point. What is half way goes to the even digit.
pub fn distance_text(distance: f64) -> String {
    let scaled = (distance * 10_000.0).round_ties_even() as i64;
    format!("{}.{:04}", scaled / 10_000, scaled % 10_000)
}

/// The places of members of a sorted set, `None` for those that are missing.
pub fn places(cx: &mut Cx<'_>, key: &[u8], members: &[&[u8]]) -> Result<Vec<Option<Place>>, Fail> {
    let zset = cx.s.zset(cx.db, key)?;
    Ok(members.iter().map(|m| zset.and_then(|z| z.score(m)).map(Place::from_score)).collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn distances_have_four_digits() {
        assert_eq!(super::distance_text(0.0), "0.0000");
        assert_eq!(super::distance_text(0.77502), "0.7750");
        assert_eq!(super::distance_text(166_274.151_56), "166274.1516");
    }
}

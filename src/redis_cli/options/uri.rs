//! `-u redis://user:password@host:port/db`.

use super::{Stop, Target};
use crate::words::atoi;

/// Puts what a URI says into the target; true when it asks for TLS.
pub fn parse(uri: &str, target: &mut Target) -> Result<bool, Stop> {
    let strip = |scheme: &str| {
        uri.get(..scheme.len()).filter(|s| s.eq_ignore_ascii_case(scheme)).and_then(|_| uri.get(scheme.len()..))
    };
    let (tls, mut rest) = match (strip("rediss://"), strip("redis://")) {
        (Some(rest), _) => (true, rest),
        (_, Some(rest)) => (false, rest),
        _ => return Err(Stop::error("Invalid URI scheme\n")),
    };
    if let Some((login, after)) = rest.split_once('@') {
        let password = match login.split_once(':') {
            Some((user, password)) => {
                target.user = Some(decode(user)?);
                password
            }
            None => login,
        };
        target.password = Some(decode(password)?);
        rest = after;
    }
    let (address, path) = match rest.split_once('/') {
        Some((address, path)) => (address, path),
        None => (rest, ""),
    };
    if !address.is_empty() {
        host_and_port(address, target);
    }
    if !path.is_empty() {
        target.database = atoi(path);
    }
    Ok(tls)
}

fn host_and_port(address: &str, target: &mut Target) {
    if let Some((host, after)) = address.strip_prefix('[').and_then(|a| a.split_once(']')) {
        if let Some(port) = after.strip_prefix(':') {
            target.port = atoi(port);
        }
        target.host = host.into();
    } else if let Some((host, port)) = address.split_once(':') {
        target.port = atoi(port);
        target.host = host.into();
    } else {
        target.host = address.into();
    }
}

fn decode(text: &str) -> Result<Vec<u8>, Stop> {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let (Some(high), Some(low)) = (bytes.next(), bytes.next()) else {
            return Err(Stop::error("Incomplete URI encoding\n"));
        };
        match (char::from(high).to_digit(16), char::from(low).to_digit(16)) {
            (Some(high), Some(low)) => out.push((high * 16 + low) as u8),
            _ => return Err(Stop::error("Illegal character in URI encoding\n")),
        }
    }
    Ok(out)
}

//! Percent-encoding and query strings.

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Escapes everything but unreserved characters (RFC 3986).
pub fn encode_component(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(b));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(b >> 4)]));
            out.push(char::from(HEX[usize::from(b & 15)]));
        }
    }
    out
}

/// Undoes percent-encoding; `plus` turns `+` into a space as in queries. Malformed escapes stay.
pub fn decode_component(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let digit = |i: usize| bytes.get(i).and_then(|b| char::from(*b).to_digit(16));
    let (mut out, mut i) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(&b) = bytes.get(i) {
        match (b, digit(i + 1), digit(i + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                i += 3;
                continue;
            }
            (b'+', ..) if plus => out.push(b' '),
            _ => out.push(b),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A query's pairs in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query(pub Vec<(String, String)>);

impl Query {
    /// Parses the part after `?`.
    pub fn parse(raw: &str) -> Self {
        let pair = |part: &str| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (decode_component(key, true), decode_component(value, true))
        };
        Query(raw.split('&').filter(|part| !part.is_empty()).map(pair).collect())
    }

    /// The first value of `key`.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// All values of `key`.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(k, _)| k == key).map(|(_, v)| v.as_str())
    }

    /// A boolean as the daemon reads it: everything but "", "0", "no", "false", "none" is true.
    pub fn flag(&self, key: &str) -> bool {
        let value = self.get(key).unwrap_or("").trim().to_ascii_lowercase();
        !matches!(value.as_str(), "" | "0" | "no" | "false" | "none")
    }

    /// Adds a pair.
    pub fn push(&mut self, key: &str, value: impl Into<String>) {
        self.0.push((key.to_string(), value.into()));
    }

    /// `path?query`, or the path alone if there are no pairs.
    pub fn target(&self, path: &str) -> String {
        let mut out = path.to_string();
        for (i, (key, value)) in self.0.iter().enumerate() {
            out.push(if i == 0 { '?' } else { '&' });
            out.push_str(&encode_component(key));
            out.push('=');
            out.push_str(&encode_component(value));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_survive() {
        let mut query = Query::default();
        query.push("t", "me/repo:1.0");
        query.push("filters", "{\"name\":{\"웹 &\":true}}");
        query.push("empty", "");
        let target = query.target("/build");
        assert!(target.starts_with("/build?t=me%2Frepo%3A1.0&filters=%7B"));
        assert_eq!(Query::parse(target.split_once('?').unwrap().1), query);
    }

    #[test]
    fn flags_read_as_the_daemon_does() {
        let query = Query::parse("a=1&b=0&c=False&d=&e&f=yes");
        let seen: Vec<bool> = ["a", "b", "c", "d", "e", "f", "g"].map(|k| query.flag(k)).to_vec();
        assert_eq!(seen, [true, false, false, false, false, true, false]);
    }

    #[test]
    fn bad_escapes_stay() {
        assert_eq!(decode_component("%zz%4", true), "%zz%4");
        assert_eq!(decode_component("a+b%20c", false), "a+b c");
    }
}

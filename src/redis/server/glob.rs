//! Redis's patterns: `*`, `?`, `[a-c]`, `[^a]`, `\x`.

/// Whether `text` matches `pattern`.
pub fn matches(pattern: &[u8], text: &[u8], nocase: bool) -> bool {
    let mut skip = false;
    glob(pattern, text, nocase, &mut skip, 0)
}

fn glob(mut p: &[u8], mut s: &[u8], nocase: bool, skip: &mut bool, depth: usize) -> bool {
    if depth > 1000 {
        return false;
    }
    while let (Some(&first), false) = (p.first(), s.is_empty()) {
        match first {
            b'*' => return star(p, s, nocase, skip, depth),
            b'?' => {
                s = &s[1..];
                p = &p[1..];
            }
            b'[' => {
                let (hit, rest) = class(&p[1..], s[0], nocase);
                if !hit {
                    return false;
                }
                s = &s[1..];
                p = rest;
            }
            _ => {
                if first == b'\\' && p.len() >= 2 {
                    p = &p[1..];
                }
                if !equal(p[0], s[0], nocase) {
                    return false;
                }
                s = &s[1..];
                p = &p[1..];
            }
        }
        if s.is_empty() {
            while p.first() == Some(&b'*') {
                p = &p[1..];
            }
            break;
        }
    }
    // Even `*` does not match an empty text; commands for which it means everything see to that themselves.
    p.is_empty() && s.is_empty()
}

fn star(mut p: &[u8], mut s: &[u8], nocase: bool, skip: &mut bool, depth: usize) -> bool {
    while p.len() >= 2 && p[1] == b'*' {
        p = &p[1..];
    }
    if p.len() == 1 {
        return true;
    }
    while !s.is_empty() {
        if glob(&p[1..], s, nocase, skip, depth + 1) {
            return true;
        }
        if *skip {
            return false;
        }
        s = &s[1..];
    }
    // The rest of the pattern matches nowhere, so a longer match of an earlier star can't help.
    *skip = true;
    false
}

fn equal(a: u8, b: u8, nocase: bool) -> bool {
    if nocase { a.eq_ignore_ascii_case(&b) } else { a == b }
}

/// Matches a bracket expression; returns what follows it.
fn class(mut p: &[u8], c: u8, nocase: bool) -> (bool, &[u8]) {
    let negated = p.first() == Some(&b'^');
    if negated {
        p = &p[1..];
    }
    let mut hit = false;
    loop {
        match p {
            [] => break,
            [b'\\', x, rest @ ..] => {
                hit |= equal(*x, c, nocase);
                p = rest;
            }
            [b']', rest @ ..] => {
                p = rest;
                break;
            }
            [from, b'-', to, rest @ ..] => {
                let fold = |x: u8| if nocase { x.to_ascii_lowercase() } else { x };
                let (from, to) = (fold(*from.min(to)), fold(*from.max(to)));
                hit |= (from..=to).contains(&fold(c));
                p = rest;
            }
            [x, rest @ ..] => {
                hit |= equal(*x, c, nocase);
                p = rest;
            }
        }
    }
    (hit != negated, p)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn matches_as_redis_documents() {
        let yes = |p: &str, s: &str| assert!(matches(p.as_bytes(), s.as_bytes(), false), "{p} {s}");
        let no = |p: &str, s: &str| assert!(!matches(p.as_bytes(), s.as_bytes(), false), "{p} {s}");
        yes("h?llo", "hello");
        yes("h*llo", "heeeello");
        yes("h[ae]llo", "hallo");
        no("h[ae]llo", "hillo");
        no("h[^e]llo", "hello");
        yes("h[a-b]llo", "hbllo");
        no("*", "");
        yes("a*b*c", "aXbYc");
        no("a*b*c", "aXbY");
        yes("\\*", "*");
        no("\\*", "x");
        yes("foo*", "foo");
        assert!(matches(b"HeLLo", b"hello", true));
        no(&"a*".repeat(50), &"a".repeat(40));
        assert!(!matches(&[b"*a".repeat(40), b"b".to_vec()].concat(), &[b'a'; 200], false));
    }
}

//! `.dockerignore`. Source: the documented rules of the build context and moby's patternmatcher.

use docker_api::mounts::clean;

struct Rule {
    keeps: bool,
    parts: Vec<char>,
}

/// The rules of one file.
#[derive(Default)]
pub struct IgnoreRules {
    rules: Vec<Rule>,
}

impl IgnoreRules {
    /// Reads the file.
    pub fn parse(text: &str) -> IgnoreRules {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rules = Vec::new();
        for line in text.lines().filter(|l| !l.starts_with('#')) {
            let line = line.trim();
            let (keeps, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            if pattern.is_empty() {
                continue;
            }
            let path = clean(pattern);
            let parts = path.trim_start_matches('/').chars().collect();
            rules.push(Rule { keeps, parts });
        }
        IgnoreRules { rules }
    }

    /// Whether the path, relative to the context, is left out.
    pub fn ignores(&self, path: &str) -> bool {
        let mut ignored = false;
        for rule in &self.rules {
            // A rule is about a path and all that lies under it.
            let ends = path.char_indices().filter(|(_, c)| *c == '/').map(|(i, _)| i).chain([path.len()]);
            let applies = ends.into_iter().any(|end| {
                let prefix: Vec<char> = path[..end].chars().collect();
                matches(&rule.parts, &prefix)
            });
            if applies {
                ignored = !rule.keeps;
            }
        }
        ignored
    }
}

/// Go's filepath.Match with `**` for any number of directories.
fn matches(pattern: &[char], text: &[char]) -> bool {
    // Where a star was seen: the pattern behind it, the text it has not eaten, whether it eats slashes.
    let (mut p, mut t, mut back) = (0, 0, Vec::<(usize, usize, bool)>::new());
    let mut steps = 0;
    loop {
        steps += 1;
        if steps > 100_000 {
            return false;
        }
        if p == pattern.len() && t == text.len() {
            return true;
        }
        let advanced = match pattern.get(p) {
            Some('*') if pattern.get(p + 1) == Some(&'*') => {
                let mut next = p + 2;
                if pattern.get(next) == Some(&'/') {
                    next += 1;
                }
                back.push((next, t, true));
                p = next;
                true
            }
            Some('*') => {
                back.push((p + 1, t, false));
                p += 1;
                true
            }
            _ => match (single(pattern, p), text.get(t)) {
                (Some((next, accepts)), Some(have)) if accepts(*have) => {
                    (p, t) = (next, t + 1);
                    true
                }
                _ => false,
            },
        };
        if advanced {
            continue;
        }
        loop {
            let Some((next, eaten, deep)) = back.pop() else { return false };
            match text.get(eaten) {
                Some(c) if deep || *c != '/' => {
                    back.push((next, eaten + 1, deep));
                    (p, t) = (next, eaten + 1);
                    break;
                }
                _ => {}
            }
        }
    }
}

type Accepts = Box<dyn Fn(char) -> bool>;

/// The test for one character that the pattern has at `p`, and where the pattern goes on.
fn single(pattern: &[char], p: usize) -> Option<(usize, Accepts)> {
    match pattern.get(p)? {
        '?' => Some((p + 1, Box::new(|c| c != '/'))),
        '\\' => {
            let want = *pattern.get(p + 1)?;
            Some((p + 2, Box::new(move |c| c == want)))
        }
        '[' => {
            let mut at = p + 1;
            let negated = pattern.get(at) == Some(&'^');
            at += usize::from(negated);
            let mut ranges = Vec::new();
            while *pattern.get(at)? != ']' || ranges.is_empty() {
                let low = *pattern.get(at)?;
                if pattern.get(at + 1) == Some(&'-') && pattern.get(at + 2).is_some_and(|c| *c != ']') {
                    ranges.push((low, *pattern.get(at + 2)?));
                    at += 3;
                } else {
                    ranges.push((low, low));
                    at += 1;
                }
            }
            Some((at + 1, Box::new(move |c| ranges.iter().any(|(l, h)| (*l..=*h).contains(&c)) != negated)))
        }
        want => {
            let want = *want;
            Some((p + 1, Box::new(move |c| c == want)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_examples_hold() {
        let rules =
            IgnoreRules::parse("# comment\n*/temp*\n*/*/temp*\ntemp?\nnode_modules\n**/*.go\n*.md\n!README.md\n/abs\n");
        for (path, ignored) in [
            ("somedir/temporary.txt", true),
            ("somedir/temp", true),
            ("a/b/tempx", true),
            ("a/b/c/temp", false),
            ("tempa", true),
            ("tempab", false),
            ("node_modules/x/y.js", true),
            ("x.go", true),
            ("a/b/x.go", true),
            ("INSTALL.md", true),
            ("README.md", false),
            ("a/INSTALL.md", false),
            ("abs/x", true),
            ("keep", false),
        ] {
            assert_eq!(rules.ignores(path), ignored, "{path}");
        }
        assert!(IgnoreRules::parse("*").ignores("a/b"));
        assert!(!IgnoreRules::parse("*\n!a/b").ignores("a/b"));
        assert!(IgnoreRules::parse("[a-c]x").ignores("bx") && !IgnoreRules::parse("[^a-c]x").ignores("bx"));
    }

    #[test]
    fn hostile_patterns_end() {
        let rules = IgnoreRules::parse(&format!("{}b", "*a".repeat(40)));
        assert!(!rules.ignores(&"a".repeat(60)));
        IgnoreRules::parse("[\n[a\n\\\n[a-").ignores("x");
    }
}

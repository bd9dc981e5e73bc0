//! Command-line options as `getopt_long(3)` reads them: clustered short ones, long ones that may be shortened, `--`,
//! operands anywhere.

/// What a utility accepts.
pub struct Spec {
    /// Short options as in `getopt`: a letter, with `:` behind it one that wants a value.
    pub short: &'static str,
    /// Long options: the name, what it counts as (a short letter or any other character), whether it wants a value.
    pub long: &'static [(&'static str, char, Value)],
    /// Options end at the first operand (as with `env`, `xargs`, `timeout`).
    pub posix: bool,
}

/// Whether a long option has a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    /// Never.
    None,
    /// Always: `--name=x` or `--name x`.
    Required,
    /// Only as `--name=x`.
    Optional,
}

/// What the command line held.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Parsed {
    /// Options in order, with their values.
    pub options: Vec<(char, Option<String>)>,
    /// Everything else.
    pub operands: Vec<String>,
}

impl Parsed {
    /// Whether an option was given.
    pub fn has(&self, option: char) -> bool {
        self.options.iter().any(|(o, _)| *o == option)
    }

    /// The last value of an option.
    pub fn value(&self, option: char) -> Option<&str> {
        self.options.iter().rev().find(|(o, _)| *o == option)?.1.as_deref()
    }

    /// The last given of several options that exclude each other.
    pub fn last_of(&self, options: &str) -> Option<char> {
        self.options.iter().rev().map(|(o, _)| *o).find(|o| options.contains(*o))
    }
}

/// What every GNU utility has: the characters are beyond any short letter.
pub const HELP: (&str, char, Value) = ("help", HELP_OPTION, Value::None);
/// See [`HELP`].
pub const VERSION: (&str, char, Value) = ("version", VERSION_OPTION, Value::None);
/// `--help` in [`Parsed::options`].
pub const HELP_OPTION: char = '\u{1}';
/// `--version` in [`Parsed::options`].
pub const VERSION_OPTION: char = '\u{2}';

/// Reads `args` (without the utility's own name); the error is `getopt`'s text without that name.
pub fn parse(spec: &Spec, args: &[String]) -> Result<Parsed, String> {
    let mut parsed = Parsed::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            parsed.operands.extend(args.cloned());
            break;
        }
        if let Some(long) = arg.strip_prefix("--") {
            parsed.options.push(parse_long(spec, long, &mut args)?);
        } else if arg.len() > 1 && arg.starts_with('-') {
            parse_cluster(spec, &arg[1..], &mut args, &mut parsed)?;
        } else {
            parsed.operands.push(arg.clone());
            if spec.posix {
                parsed.operands.extend(args.cloned());
                break;
            }
        }
    }
    Ok(parsed)
}

fn parse_long<'a>(
    spec: &Spec,
    long: &str,
    args: &mut impl Iterator<Item = &'a String>,
) -> Result<(char, Option<String>), String> {
    let (name, value) = match long.split_once('=') {
        Some((name, value)) => (name, Some(value.to_string())),
        None => (long, None),
    };
    let exact = spec.long.iter().find(|(n, ..)| *n == name);
    let mut close = spec.long.iter().filter(|(n, ..)| n.starts_with(name));
    let found = match (exact, close.next(), close.next()) {
        (Some(found), ..) | (None, Some(found), None) => found,
        (None, Some(_), Some(_)) => {
            let all: String =
                spec.long.iter().filter(|(n, ..)| n.starts_with(name)).map(|(n, ..)| format!(" '--{n}'")).collect();
            return Err(format!("option '--{long}' is ambiguous; possibilities:{all}"));
        }
        _ => return Err(format!("unrecognized option '--{long}'")),
    };
    let value = match (found.2, value) {
        (Value::None, Some(_)) => return Err(format!("option '--{}' doesn't allow an argument", found.0)),
        (Value::Required, None) => {
            Some(args.next().cloned().ok_or(format!("option '--{}' requires an argument", found.0))?)
        }
        (_, value) => value,
    };
    Ok((found.1, value))
}

fn parse_cluster<'a>(
    spec: &Spec,
    cluster: &str,
    args: &mut impl Iterator<Item = &'a String>,
    parsed: &mut Parsed,
) -> Result<(), String> {
    for (at, letter) in cluster.char_indices() {
        let known = spec.short.find(letter).filter(|_| letter != ':');
        let Some(place) = known else {
            return Err(format!("invalid option -- '{letter}'"));
        };
        if !spec.short[place + letter.len_utf8()..].starts_with(':') {
            parsed.options.push((letter, None));
            continue;
        }
        let rest = &cluster[at + letter.len_utf8()..];
        let value = if rest.is_empty() { args.next().cloned() } else { Some(rest.to_string()) };
        let value = value.ok_or(format!("option requires an argument -- '{letter}'"))?;
        parsed.options.push((letter, Some(value)));
        break;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: Spec = Spec {
        short: "lan:",
        long: &[("all", 'a', Value::None), ("lines", 'n', Value::Required), ("color", 'c', Value::Optional)],
        posix: false,
    };

    fn check(args: &str, expected: Result<(&str, &str), &str>) {
        let args: Vec<String> = args.split_whitespace().map(String::from).collect();
        let got = parse(&SPEC, &args).map(|p| {
            let options: Vec<String> =
                p.options.iter().map(|(o, v)| format!("{o}{}", v.as_deref().unwrap_or(""))).collect();
            (options.join(" "), p.operands.join(" "))
        });
        let expected = expected.map(|(o, r)| (o.to_string(), r.to_string())).map_err(String::from);
        assert_eq!(got, expected);
    }

    #[test]
    fn as_getopt_long_reads() {
        check("-la x -n3 y -n 4", Ok(("l a n3 n4", "x y")));
        check("--al --lines=5 --lines 6 --color=no -- -l", Ok(("a n5 n6 cno", "-l")));
        check("-", Ok(("", "-")));
        check("-z", Err("invalid option -- 'z'"));
        check("-n", Err("option requires an argument -- 'n'"));
        check("--nosuch", Err("unrecognized option '--nosuch'"));
        check("--all=1", Err("option '--all' doesn't allow an argument"));
        check("--lines", Err("option '--lines' requires an argument"));
    }
}

//! Configuration files, and command line options read as if they stood in one.
//!
//! Errors come as Redis prints them: what is wrong, and in which line.

use super::{Config, Kind, find};

/// A line that can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadLine {
    /// Counted from 1.
    pub number: usize,
    /// The line, trimmed.
    pub line: String,
    /// What is wrong.
    pub reason: String,
}

impl BadLine {
    /// The whole message as it goes to standard error.
    pub fn message(&self, version: &str) -> String {
        format!(
            "\n*** FATAL CONFIG FILE ERROR (Redis {version}) ***\nReading the configuration file, at line {}\n>>> '{}'\n{}\n",
            self.number, self.line, self.reason
        )
    }
}

/// What lines of a configuration file reach for while it is being read.
pub trait Around {
    /// The content of a file that an `include` line names.
    fn include(&mut self, path: &str) -> Result<Vec<u8>, String>;
    /// Goes to the directory that a `dir` line names; its absolute path.
    fn enter(&mut self, dir: &str) -> Result<String, String>;
}

/// How deep files may include files.
const MAX_INCLUDES: usize = 16;

/// Reads configuration text into `config`.
pub fn load(config: &mut Config, text: &[u8], around: &mut dyn Around) -> Result<(), BadLine> {
    load_at(config, text, around, 0)
}

fn load_at(config: &mut Config, text: &[u8], around: &mut dyn Around, depth: usize) -> Result<(), BadLine> {
    // `save` lines add up, after the first one dropped the defaults.
    let mut save_seen = false;
    for (n, raw) in text.split(|c| *c == b'\n').enumerate() {
        let line = raw.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            continue;
        }
        let shown = String::from_utf8_lossy(line).into_owned();
        let bad = |reason: String| BadLine { number: n + 1, line: shown.clone(), reason };
        let Some(words) = resp::split_args(line) else {
            return Err(bad("Unbalanced quotes in configuration line".into()));
        };
        let Some((name, args)) = words.split_first() else { continue };
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        if name == "include" && args.len() == 1 {
            let path = String::from_utf8_lossy(&args[0]).into_owned();
            if depth >= MAX_INCLUDES {
                return Err(bad("too many nested includes".into()));
            }
            let inner = around.include(&path).map_err(bad)?;
            load_at(config, &inner, around, depth + 1)?;
            continue;
        }
        if name == "sentinel" && (args.is_empty() || config.sentinel_mode) {
            let words = args.iter().map(|word| machine::text::from_bytes(word)).collect();
            config.sentinel_lines.push(super::SentinelLine { number: n + 1, text: shown, words });
            continue;
        }
        directive(config, &name, args, &mut save_seen, &shown).map_err(bad)?;
        // The directory is entered where the line stands: later lines may name files in it.
        if name == "dir" {
            let here = around.enter(config.text(super::DIR)).map_err(bad)?;
            config.put(super::DIR, super::Setting::Text(here));
        }
    }
    Ok(())
}

fn directive(
    config: &mut Config,
    name: &str,
    args: &[Vec<u8>],
    save_seen: &mut bool,
    line: &str,
) -> Result<(), String> {
    let refs: Vec<&[u8]> = args.iter().map(Vec::as_slice).collect();
    if let Some(id) = find(name.as_bytes()) {
        let many = match id.param().kind {
            Kind::Special => !matches!(id, super::DIR | super::NOTIFY_KEYSPACE_EVENTS),
            Kind::Enum(_) => id.has(super::params::FLAGS),
            _ => false,
        };
        // One value may hold several words, as in `save "60 1"`.
        let split = match args {
            [one] if many && !one.is_empty() => resp::split_args(one).unwrap_or_default(),
            _ => Vec::new(),
        };
        let refs = if split.is_empty() { refs } else { split.iter().map(Vec::as_slice).collect() };
        // Of these, no value means none: no address, no save point.
        let may_lack = matches!(id, super::BIND | super::SAVE);
        if (args.is_empty() && !may_lack) || (!many && args.len() > 1) {
            return Err("wrong number of arguments".into());
        }
        if id == super::SAVE {
            return save(config, &refs, save_seen);
        }
        config.touched.insert(id, ());
        config.set(id, &refs).map_err(|e| e.into_owned())?;
        return Ok(());
    }
    match (name, args.len()) {
        ("rename-command", 2) => {
            let text = |n: usize| String::from_utf8_lossy(&args[n]).to_ascii_lowercase();
            let (old, new) = (text(0), text(1));
            if !is_command(config, &old) {
                return Err("No such command in rename-command".into());
            }
            config.renamed.push((old, new.clone()));
            // Its own old name is free now.
            let given = config.renamed.len() - 1;
            if !new.is_empty() && is_command_before(config, &new, given) && config.renamed[given].0 != new {
                return Err("Target command name already exists".into());
            }
            Ok(())
        }
        ("user", 1..) => {
            let line = crate::acl::check_user_line(args, &config.users)?;
            config.users.push(line);
            Ok(())
        }
        ("loadmodule", 1..) => {
            config.modules.push(String::from_utf8_lossy(&args[0]).into_owned());
            Ok(())
        }
        ("sentinel", _) => Err("sentinel directive while not in sentinel mode".into()),
        _ if args.is_empty() || name.is_empty() => Err("Bad directive or wrong number of arguments".into()),
        // With a value, the word might belong to a module, so it is refused only when none took it.
        _ if line.starts_with("include") || matches!(name, "include" | "user") => {
            Err("Bad directive or wrong number of arguments".into())
        }
        _ => {
            config.unresolved.push(format!(
                "{name} {}",
                refs.iter().map(|a| String::from_utf8_lossy(a)).collect::<Vec<_>>().join(" ")
            ));
            Ok(())
        }
    }
}

/// Whether there is a command of that name, after what `rename-command` lines did so far.
fn is_command(config: &Config, name: &str) -> bool {
    is_command_before(config, name, config.renamed.len())
}

fn is_command_before(config: &Config, name: &str, line: usize) -> bool {
    let last = config.renamed.iter().take(line).rfind(|(old, new)| old == name || new == name);
    last.map_or_else(|| crate::commands::find(name.as_bytes()).is_some(), |(_, new)| new == name)
}

fn save(config: &mut Config, words: &[&[u8]], seen: &mut bool) -> Result<(), String> {
    if let [] | [b""] = words {
        config.save.clear();
        *seen = true;
        return Ok(());
    }
    let before = if *seen { config.save.clone() } else { Vec::new() };
    *seen = true;
    config.set(super::SAVE, words).map_err(|e| e.into_owned())?;
    let mut all = before;
    all.append(&mut config.save);
    config.save = all;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nowhere;

    impl Around for Nowhere {
        fn include(&mut self, _: &str) -> Result<Vec<u8>, String> {
            Err("no such file".into())
        }

        fn enter(&mut self, _: &str) -> Result<String, String> {
            Err("No such file or directory".into())
        }
    }

    fn read(text: &str) -> Result<Config, BadLine> {
        let mut config = Config::default();
        load(&mut config, text.as_bytes(), &mut Nowhere)?;
        Ok(config)
    }

    #[test]
    fn commands_are_renamed_once_and_to_free_names() {
        let says = |text: &str| read(text).err().map(|bad| bad.reason);
        assert_eq!(says("rename-command nosuch x").as_deref(), Some("No such command in rename-command"));
        assert_eq!(says("rename-command get set").as_deref(), Some("Target command name already exists"));
        let twice = "rename-command get a\nrename-command get b";
        assert_eq!(says(twice).as_deref(), Some("No such command in rename-command"));
        assert_eq!(says("rename-command get a\nrename-command a b\nrename-command set get"), None);
        assert_eq!(says("rename-command get \"\"\nrename-command set get"), None);
    }

    #[test]
    fn reads_what_people_write() {
        let config =
            read("# comment\nport 7000\ncluster-enabled yes\nsave 900 1\nsave 60 5\nappendonly yes\n").unwrap();
        assert_eq!(config.int(super::super::PORT), 7000);
        assert_eq!(config.show(super::super::SAVE), "900 1 60 5");
        assert_eq!(read("save \"\"").unwrap().show(super::super::SAVE), "");
    }

    #[test]
    fn names_the_line_that_is_wrong() {
        let error = read("port 1\n\nport abc\n").unwrap_err();
        assert_eq!(
            error.message("8.6.3"),
            "\n*** FATAL CONFIG FILE ERROR (Redis 8.6.3) ***\nReading the configuration file, at line 3\n>>> 'port abc'\nargument couldn't be parsed into an integer\n"
        );
        let error = read("port 1\ndir /nowhere").unwrap_err();
        assert_eq!((error.number, error.reason.as_str()), (2, "No such file or directory"));
        assert_eq!(read("foo").unwrap_err().reason, "Bad directive or wrong number of arguments");
        assert_eq!(read("port 1 2").unwrap_err().reason, "wrong number of arguments");
        assert_eq!(read("port \"1").unwrap_err().reason, "Unbalanced quotes in configuration line");
        assert_eq!(read("foo bar").unwrap().unresolved, ["foo bar"]);
    }
}

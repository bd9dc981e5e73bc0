//! `sed`: edits a stream line by line.

mod command;
mod execute;
mod input;
mod script;
mod text;

use machine::ExitCode;

use crate::context::Context;
use crate::options::{HELP, HELP_OPTION, Spec, VERSION, VERSION_OPTION, Value, parse};

const SPEC: Spec = Spec {
    short: "Ee:f:nrsuz",
    long: &[
        ("expression", 'e', Value::Required),
        ("file", 'f', Value::Required),
        ("in-place", 'i', Value::Optional),
        ("null-data", 'z', Value::None),
        ("quiet", 'n', Value::None),
        ("regexp-extended", 'E', Value::None),
        ("separate", 's', Value::None),
        ("silent", 'n', Value::None),
        ("unbuffered", 'u', Value::None),
        HELP,
        VERSION,
    ],
    posix: false,
};

const USAGE: &str = "\
Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...

  -n, --quiet, --silent
                 suppress automatic printing of pattern space
      --debug
                 annotate program execution
  -e script, --expression=script
                 add the script to the commands to be executed
  -f script-file, --file=script-file
                 add the contents of script-file to the commands to be executed
  --follow-symlinks
                 follow symlinks when processing in place
  -i[SUFFIX], --in-place[=SUFFIX]
                 edit files in place (makes backup if SUFFIX supplied)
  -l N, --line-length=N
                 specify the desired line-wrap length for the `l' command
  --posix
                 disable all GNU extensions.
  -E, -r, --regexp-extended
                 use extended regular expressions in the script
                 (for portability use POSIX -E).
  -s, --separate
                 consider files as separate rather than as a single,
                 continuous long stream.
      --sandbox
                 operate in sandbox mode (disable e/r/w commands).
  -u, --unbuffered
                 load minimal amounts of data from the input files and flush
                 the output buffers more often
  -z, --null-data
                 separate lines by NUL characters
      --help     display this help and exit
      --version  output version information and exit

If no -e, --expression, -f, or --file option is given, then the first
non-option argument is taken as the sed script to interpret.  All
remaining arguments are names of input files; if no input files are
specified, then the standard input is read.

";

const HOME: &str = "\
GNU sed home page: <https://www.gnu.org/software/sed/>.
General help using GNU software: <https://www.gnu.org/gethelp/>.
";

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    // `-i` takes its suffix only where it follows directly.
    for arg in &mut cx.args {
        if let Some(at) = in_place(arg) {
            let (letters, suffix) = (arg[1..at].to_string(), arg[at + 1..].to_string());
            *arg = if suffix.is_empty() { "--in-place".into() } else { format!("--in-place={suffix}") };
            if !letters.is_empty() {
                // Only `n`, `E`, `r`, `s`, `u` and `z` can stand before it: they are kept by the long form's place.
                *arg = format!("-{letters}\u{0}{arg}");
            }
        }
        if arg == "--" {
            break;
        }
    }
    cx.args = cx.args.iter().flat_map(|arg| arg.split('\0').map(str::to_string).collect::<Vec<_>>()).collect();
    let mut parsed = match parse(&SPEC, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) => {
            cx.complain(&format!("sed: {text}\n{USAGE}{HOME}")).await;
            return ExitCode::FAILURE;
        }
    };
    if parsed.has(HELP_OPTION) {
        cx.put(format!("{USAGE}{HOME}").as_bytes()).await;
        return ExitCode::SUCCESS;
    }
    if parsed.has(VERSION_OPTION) {
        cx.line("sed (GNU sed) 4.9").await;
        return ExitCode::SUCCESS;
    }
    let mut scripts = Vec::new();
    for (option, value) in &parsed.options {
        let value = value.clone().unwrap_or_default();
        match option {
            'e' => scripts.push(value),
            'f' => match cx.read_all(&value).await {
                Ok(data) => {
                    let text = machine::text::from_bytes(&data);
                    scripts.push(text.strip_suffix('\n').unwrap_or(&text).to_string());
                }
                Err(error) => {
                    cx.error(format_args!("couldn't open file {value}: {error}")).await;
                    return cx.status();
                }
            },
            _ => {}
        }
    }
    if scripts.is_empty() {
        if parsed.operands.is_empty() {
            cx.complain(&format!("{USAGE}{HOME}")).await;
            return ExitCode::FAILURE;
        }
        scripts.push(parsed.operands.remove(0));
    }
    let extended = parsed.has('E') || parsed.has('r');
    let script = match script::parse(&scripts.join("\n"), extended) {
        Ok(script) => script,
        Err(error) => {
            match error.at {
                Some(at) => cx.error(format_args!("-e expression #1, char {at}: {}", error.text)).await,
                None => cx.error(error.text).await,
            }
            return ExitCode(if error.at.is_some() { 1 } else { 4 });
        }
    };
    execute::run(cx, &script, &parsed).await
}

/// Where the `i` of a cluster of short options is.
fn in_place(arg: &str) -> Option<usize> {
    let letters = arg.strip_prefix('-').filter(|l| !l.starts_with('-'))?;
    let before = letters.bytes().take_while(|b| b"nErsuz".contains(b)).count();
    (letters.as_bytes().get(before) == Some(&b'i')).then_some(before + 1)
}

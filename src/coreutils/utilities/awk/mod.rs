//! `awk`: patterns and actions. mawk 1.3.4 on Debian, BusyBox's own elsewhere (`POSIX XCU awk`).

mod calls;
mod code;
mod compile;
mod error;
mod expression;
mod functions;
mod input;
mod lexer;
mod memory;
mod record;
mod statement;
mod streams;
mod table;
mod value;
mod variables;
mod vm;

use machine::ExitCode;

use crate::context::Context;
use crate::options::{Parsed, Spec, Value as Wants, parse};

use code::{Code, special};
use error::{Fault, Wrong};
use record::Record;
use value::Value;
use vm::{Ended, Halt, Run, Vm};

const SPEC: Spec = Spec {
    short: "F:v:f:W:",
    long: &[("version", 'V', Wants::None), ("help", 'h', Wants::None), ("usage", 'h', Wants::None)],
    posix: true,
};

const USAGE: &str = "\
Usage: mawk [Options] [Program] [file ...]

Program:
    The -f option value is the name of a file containing program text.
    If no -f option is given, a \"--\" ends option processing; the following
    parameters are the program text.

Options:
    -f program-file  Program  text is read from file instead of from the
                     command-line.  Multiple -f options are accepted.
    -F value         sets the field separator, FS, to value.
    -v var=value     assigns value to program variable var.
    --               unambiguous end of options.
";

const BUSYBOX_USAGE: &str = "\
Usage: awk [OPTIONS] [AWK_PROGRAM] [FILE]...

\t-v VAR=VAL\tSet variable
\t-F SEP\t\tUse SEP as field separator
\t-f/-E FILE\tRead program from FILE
\t-e AWK_PROGRAM
";

const BUSYBOX_SPEC: Spec = Spec { short: "F:v:f:E:e:", long: &[], posix: true };

/// A run that cannot go on.
const FATAL: u8 = 2;

/// Runs it.
pub async fn run(cx: &mut Context) -> ExitCode {
    let fatal = ExitCode(if cx.is_busybox() { 1 } else { FATAL });
    let (parsed, program, operands) = match command_line(cx).await {
        Ok(read) => read,
        Err(status) => return status,
    };
    let code = match compile::compile(&program, cx.is_busybox()) {
        Ok(code) => code,
        Err(wrong) => {
            let text = explain(cx, &wrong);
            cx.complain(&text).await;
            return fatal;
        }
    };
    let mut vm = Vm::new(cx, &code);
    begin_variables(&mut vm, &parsed, &operands);
    let done = phases(&mut vm, &code).await;
    let status = vm.status;
    let mut streams = std::mem::take(&mut vm.streams);
    let place = position(&vm);
    streams.close_all(cx).await;
    if let Err(Halt::Fatal(text)) = done {
        let text = if cx.is_busybox() {
            format!("{}: {text}\n", if text.starts_with("can't") { "awk" } else { "awk: cmd. line:1" })
        } else if text.starts_with("cannot open") {
            format!("{}: {text}\n", cx.name)
        } else {
            format!("{}: run time error: {text}\n\t{place}\n", cx.name)
        };
        cx.complain(&text).await;
        return fatal;
    }
    ExitCode(status)
}

fn position(vm: &Vm) -> String {
    let text = |number| vm.text_of(number);
    format!("FILENAME=\"{}\" FNR={} NR={}", text(special::FILENAME), text(special::FNR), text(special::NR))
}

/// Options, the program's text and the operands.
async fn command_line(cx: &mut Context) -> Result<(Parsed, String, Vec<String>), ExitCode> {
    let busybox = cx.is_busybox();
    let parsed = match parse(if busybox { &BUSYBOX_SPEC } else { &SPEC }, &cx.args) {
        Ok(parsed) => parsed,
        Err(text) if busybox => {
            cx.complain(&format!("awk: {text}\n{}\n\n{BUSYBOX_USAGE}", crate::context::BUSYBOX_BANNER)).await;
            return Err(ExitCode::FAILURE);
        }
        Err(text) => {
            let name = cx.name.clone();
            cx.complain(&format!("{name}: {text}\n{USAGE}")).await;
            return Err(ExitCode(FATAL));
        }
    };
    if parsed.has('V') || parsed.value('W') == Some("version") {
        cx.line("mawk 1.3.4 20200120\nCopyright 2008-2019,2020, Thomas E. Dickey\nCopyright 1991-1996,2014, Michael D. Brennan").await;
        return Err(ExitCode::SUCCESS);
    }
    if parsed.has('h') {
        cx.put(USAGE.as_bytes()).await;
        return Err(ExitCode::SUCCESS);
    }
    let mut program: Vec<String> = Vec::new();
    for (option, value) in &parsed.options {
        let value = value.as_deref().unwrap_or("");
        match option {
            'e' => program.push(value.into()),
            'f' | 'E' => match cx.read_all(value).await {
                Ok(bytes) => program.push(machine::text::from_bytes(&bytes)),
                Err(error) if busybox => {
                    cx.error(format_args!("can't open '{value}': {error}")).await;
                    return Err(ExitCode::FAILURE);
                }
                Err(error) => {
                    cx.error(format_args!("cannot open {value} ({error})")).await;
                    return Err(ExitCode(FATAL));
                }
            },
            _ => {}
        }
    }
    let mut operands = parsed.operands.clone();
    if program.is_empty() {
        if operands.is_empty() {
            let usage = if busybox {
                format!("{}\n\n{BUSYBOX_USAGE}", crate::context::BUSYBOX_BANNER)
            } else {
                USAGE.to_string()
            };
            cx.complain(&usage).await;
            return Err(ExitCode(if busybox { 1 } else { FATAL }));
        }
        program.push(operands.remove(0));
    }
    Ok((parsed, program.join("\n"), operands))
}

fn begin_variables(vm: &mut Vm, parsed: &Parsed, operands: &[String]) {
    let environment = vm.cx.sys.env().to_vec();
    let pairs = environment.iter().filter_map(|e| e.split_once('=')).map(|(n, v)| (n.to_string(), v.to_string()));
    vm.fill(special::ENVIRON, pairs);
    let arguments = std::iter::once("awk".to_string()).chain(operands.iter().cloned());
    vm.fill(special::ARGV, arguments.enumerate().map(|(at, word)| (at.to_string(), word)));
    vm.set_special(special::ARGC, (operands.len() as f64 + 1.0).into());
    let clock = vm.cx.sys.wall_clock().0;
    vm.seed = if vm.cx.is_busybox() { (1.0, 1) } else { ((clock / 1_000_000_000) as f64, clock as u64 | 1) };
    for (option, value) in &parsed.options {
        let value = value.as_deref().unwrap_or("");
        match option {
            'F' => {
                let separator = if value == "t" { "\t".into() } else { lexer::unescape(value) };
                vm.set_special(special::FS, Value::text(&separator));
            }
            'v' => {
                vm.assign(value);
            }
            _ => {}
        }
    }
}

/// `BEGIN`, the records, `END`; `exit` leads on to `END`.
async fn phases(vm: &mut Vm<'_>, code: &Code) -> Run {
    let mut reading = code.main.is_some() || code.end.is_some();
    if let Some(entry) = code.begin {
        reading &= part(vm, entry).await?.is_some();
    }
    while reading && let Some(record) = vm.next_record().await? {
        vm.record = Record::new(&record);
        let Some(entry) = code.main else { continue };
        match part(vm, entry).await? {
            None => reading = false,
            Some(Ended::File) => vm.skip_file(),
            Some(Ended::Normally) => {}
        }
    }
    if let Some(entry) = code.end {
        part(vm, entry).await?;
    }
    Ok(())
}

/// Runs a phase; `None` if it ended with `exit`.
async fn part(vm: &mut Vm<'_>, entry: usize) -> Run<Option<Ended>> {
    match vm.run(entry).await {
        Ok(ended) => Ok(Some(ended)),
        Err(Halt::Exit) => Ok(None),
        Err(fatal) => Err(fatal),
    }
}

/// What is wrong with a program, as the real ones say it.
fn explain(cx: &Context, wrong: &Wrong) -> String {
    let (line, name) = (wrong.line, &cx.name);
    if cx.is_busybox() {
        let what = match &wrong.what {
            Fault::Runaway(_) => "Unexpected end of string",
            Fault::Undefined(_) => "Call to undefined function",
            Fault::Misplaced("break") => "'break' not in a loop",
            Fault::Misplaced("continue") => "'continue' not in a loop",
            Fault::TooDeep => "Program is nested too deeply",
            _ => "Unexpected token",
        };
        return format!("awk: cmd. line:{line}: {what}\n");
    }
    let what = match &wrong.what {
        Fault::Near(token) => format!("syntax error at or near {token}"),
        Fault::Unclosed('}') => return format!("{name}: line {}: missing }} near end of file\n", line + 1),
        Fault::Unclosed(close) => {
            format!("missing {close} near end of line\n{name}: line {}: missing }} near end of file", line + 1)
        }
        Fault::Runaway(text) => {
            let what = if text.starts_with('/') { "regular expression" } else { "string constant" };
            let shown: String = text.chars().take(11).collect();
            format!("runaway {what} {shown} ...")
        }
        Fault::Character(c) => return format!("{name}: {line}: unexpected character '{c}'\n"),
        Fault::Undefined(function) => {
            return format!("{name}: line {}: function {function} never defined\n", line + 1);
        }
        Fault::Misplaced("return") => "return outside function body".into(),
        Fault::Misplaced(word @ ("break" | "continue")) => format!("{word} statement outside of loop"),
        Fault::Misplaced(word) => format!("improper use of {word}"),
        Fault::TooDeep => "program is nested too deeply".into(),
    };
    format!("{name}: line {line}: {what}\n")
}

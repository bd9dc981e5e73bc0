//! From the command line to the mode that does the work.

use machine::{ExitCode, Fd, Sys, build_notes};

use crate::console::{Console, Exit, Run};
use crate::modes;
use crate::options::{Options, Stop, VERSION};
use crate::prompt::LineReader;
use crate::session::Session;
use crate::{cluster, debugger, repl, words};

/// The most that `-x` and `--eval` read.
const INPUT_LIMIT: usize = 64 * 1024 * 1024;

/// redis-cli's `main`.
pub async fn main(sys: Sys) -> ExitCode {
    let mut out = Console::new(&sys);
    out.tty |= sys.env_var("FAKETTY").is_some();
    let arguments = sys.args();
    let words = arguments.get(1..).unwrap_or_default();
    let (mut options, first) = match Options::parse(words, out.tty) {
        Ok(parsed) => parsed,
        Err(stop) => return stopped(out, stop.of_version(&version(&sys))).await,
    };
    out.error(std::mem::take(&mut options.warnings)).await;
    read_environment(&sys, &mut options);
    let command: Vec<String> = words.get(first..).unwrap_or_default().to_vec();
    let mut session = Session::new(&sys, options, out);
    let result = run(&mut session, &command).await;
    session.out.flush().await;
    ExitCode(result.err().unwrap_or(Exit(0)).0)
}

/// The version that the executable is of: it stands behind its name.
fn version(sys: &Sys) -> String {
    let content = sys.file_content(&sys.exe()).map(|content| content.data.to_vec()).unwrap_or_default();
    let noted = build_notes(&content).into_iter().find(|note| note.starts_with(|c: char| c.is_ascii_digit()));
    noted.unwrap_or(VERSION).to_owned()
}

async fn stopped(mut out: Console, stop: Stop) -> ExitCode {
    out.print(stop.stdout);
    out.flush().await;
    out.error(stop.stderr).await;
    ExitCode(stop.status)
}

fn read_environment(sys: &Sys, options: &mut Options) {
    if options.target.password.is_none() {
        options.target.password = sys.env_var("REDISCLI_AUTH").map(|p| machine::text::to_bytes(&p));
    }
    options.cluster.yes |= sys.env_var("REDISCLI_CLUSTER_YES").as_deref() == Some("1");
}

async fn run(session: &mut Session, command: &[String]) -> Run<()> {
    if session.options.tls {
        return session.out.fail("drydock: TLS is not emulated here\n").await;
    }
    if session.options.ask_password {
        session.target.password = LineReader::new(&session.sys).password("Please input password: ").await;
    }
    if session.options.cluster.from_askpass {
        let password = LineReader::new(&session.sys).password("Please input import source node password: ").await;
        session.options.cluster.from_pass = password.map(|p| machine::text::from_bytes(&p));
    }
    if session.options.cluster.command.is_some() {
        return cluster::run(session).await;
    }
    if let Some(mode) = session.options.modes.first() {
        return modes::run(session, mode).await;
    }
    if let Some(path) = session.options.eval.clone() {
        return eval(session, &path, command).await;
    }
    if command.is_empty() {
        // Without a server there is a prompt all the same; each command tries again.
        _ = session.connect(false).await;
        return repl::run(session).await;
    }
    _ = session.connect(true).await;
    once(session, command).await
}

/// One command from the command line.
async fn once(session: &mut Session, command: &[String]) -> Run<()> {
    let mut typed: Vec<Vec<u8>> = Vec::with_capacity(command.len() + 1);
    for word in command {
        let word = machine::text::to_bytes(word);
        if !session.options.quoted_input {
            typed.push(word);
            continue;
        }
        match words::split(&word).as_deref() {
            Some([unquoted]) => typed.push(unquoted.clone()),
            _ => {
                session.out.print("Invalid quoted string\n");
                return Err(Exit(1));
            }
        }
    }
    if session.options.stdin_last {
        typed.push(read_stdin(session).await?);
    } else if let Some(tag) = session.options.stdin_tag.clone() {
        let Some(place) = typed.iter().position(|w| *w == machine::text::to_bytes(&tag)) else {
            return session.out.fail("Using -X option but stdin tag not match.\n").await;
        };
        let value = read_stdin(session).await?;
        if let Some(word) = typed.get_mut(place) {
            *word = value;
        }
    }
    let repeat = session.options.repeat;
    let result = session.issue(&typed, repeat).await?;
    while session.subscribed {
        if session.read_reply(false).await?.is_err() {
            session.tell_error().await;
            return Err(Exit(1));
        }
    }
    result.map_err(|_| Exit(1))
}

async fn read_stdin(session: &mut Session) -> Run<Vec<u8>> {
    match session.sys.read_to_end(Fd(0), INPUT_LIMIT).await {
        Ok(bytes) => Ok(bytes),
        Err(error) => session.out.fail(format!("Reading from standard input: {error}\n")).await,
    }
}

/// `--eval FILE key … , argument …`
async fn eval(session: &mut Session, path: &str, arguments: &[String]) -> Run<()> {
    if session.connect(false).await.is_err() {
        return Err(Exit(1));
    }
    if session.options.debugger {
        return debugger::run(session, path, arguments).await;
    }
    let typed = eval_words(session, path, arguments).await?;
    let repeat = session.options.repeat;
    session.issue(&typed, repeat).await?.map_err(|_| Exit(1))
}

/// EVAL with the script of a file.
pub async fn eval_words(session: &mut Session, path: &str, arguments: &[String]) -> Run<Vec<Vec<u8>>> {
    let script = match session.sys.read_file(path) {
        Ok(script) => script,
        Err(error) => return session.out.fail(format!("Can't open file '{path}': {error}\n")).await,
    };
    let comma = arguments.iter().position(|a| a == ",");
    let keys = comma.unwrap_or(arguments.len());
    let mut typed = vec![b"EVAL".to_vec(), script, keys.to_string().into_bytes()];
    typed.extend(
        arguments.iter().enumerate().filter(|(i, _)| Some(*i) != comma).map(|(_, a)| machine::text::to_bytes(a)),
    );
    Ok(typed)
}

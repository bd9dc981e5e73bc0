//! Shells at a terminal: bytes as readline and the tty give them, jobs, interrupts, completion.

use super::harness::Terminal;

/// The bytes between a finished line and the next prompt.
fn answer(line: &str, output: &str) -> String {
    format!("{line}\r\n\x1b[?2004l\r{output}\x1b[?2004h# ")
}

#[test]
fn a_line_is_read_and_run() {
    let terminal = Terminal::open("bash", 80);
    assert_eq!(terminal.wait(1000), "\x1b[?2004h# ");
    assert_eq!(terminal.type_keys("echo hi\r"), answer("echo hi", "hi\r\n"));
    assert_eq!(terminal.status(), Some(0));
    assert_eq!(terminal.type_keys("nope\r"), answer("nope", "bash: nope: command not found\r\n"));
    assert_eq!(terminal.status(), Some(127));
    assert_eq!(terminal.type_keys("echo 한글\r"), answer("echo 한글", "한글\r\n"));
    assert_eq!(terminal.type_keys("\x04"), "\x1b[?2004l\r\r\nexit\r\n");
}

#[test]
fn unfinished_commands_ask_on() {
    let terminal = Terminal::open("bash", 80);
    terminal.wait(1000);
    assert_eq!(terminal.type_keys("for i in 1 2; do\r"), "for i in 1 2; do\r\n\x1b[?2004l\r\x1b[?2004h> ");
    assert_eq!(terminal.type_keys("echo $i; done\r"), answer("echo $i; done", "1\r\n2\r\n"));
    assert_eq!(terminal.type_keys("\x1b[A"), "for i in 1 2; do echo $i; done");
    terminal.type_keys("\x03");
    terminal.type_keys("cat <<E\r");
    terminal.type_keys("x\r");
    assert_eq!(terminal.type_keys("E\r"), answer("E", "x\r\n"));
    assert_eq!(terminal.type_keys("echo )\r"), answer("echo )", "bash: syntax error near unexpected token `)'\r\n"));
}

#[test]
fn ctrl_c_gets_through() {
    let terminal = Terminal::open("bash", 80);
    terminal.wait(1000);
    let left = "^C\x1b[?2004l\r\x1b[?2004h\x1b[?2004l\r\r\n\x1b[?2004h# ";
    assert_eq!(terminal.type_keys("ab\x03"), format!("ab{left}"));
    assert_eq!(terminal.status(), Some(130));
    for command in ["sleep 100", "while true; do :; done", "while :; do sleep 1; done", "cat", "x=$(sleep 50)"] {
        terminal.type_keys(&format!("{command}\r"));
        assert_eq!(terminal.type_keys("\x03"), "^C\r\n\x1b[?2004h# ", "{command}");
        assert_eq!(terminal.status(), Some(130), "{command}");
    }
}

#[test]
fn jobs_stop_and_go_on() {
    let terminal = Terminal::open("bash", 80);
    terminal.wait(1000);
    terminal.type_keys("sleep 100\r");
    assert_eq!(terminal.type_keys("\x1a"), "^Z\r\n[1]+  Stopped                 sleep 100\r\n\x1b[?2004h# ");
    assert_eq!(terminal.status(), Some(148));
    assert_eq!(terminal.type_keys("bg\r"), answer("bg", "[1]+ sleep 100 &\r\n"));
    assert_eq!(terminal.type_keys("jobs\r"), answer("jobs", "[1]+  Running                 sleep 100 &\r\n"));
    assert_eq!(terminal.type_keys("fg\r"), "fg\r\n\x1b[?2004l\rsleep 100\r\n");
    assert_eq!(terminal.type_keys("\x03"), "^C\r\n\x1b[?2004h# ");
    let started = terminal.type_keys("sleep 50 &\r");
    assert!(started.starts_with("sleep 50 &\r\n\x1b[?2004l\r[1] "), "{started:?}");
    assert_eq!(terminal.type_keys("kill %1\r"), answer("kill %1", ""));
    assert_eq!(terminal.type_keys("\r"), answer("", "[1]+  Terminated              sleep 50\r\n"));
    terminal.type_keys("sleep 1 &\r");
    terminal.type_keys("sleep 2\r");
    assert_eq!(terminal.type_keys("\r"), answer("", ""));
}

#[test]
fn a_job_that_ended_is_told_at_the_next_prompt() {
    let terminal = Terminal::open("bash", 80);
    terminal.wait(1000);
    terminal.type_keys("sleep 1 &\r");
    assert_eq!(terminal.type_keys("sleep 2\r"), answer("sleep 2", "[1]+  Done                    sleep 1\r\n"));
}

#[test]
fn tab_completes_and_lists() {
    let terminal = Terminal::open("bash", 80);
    terminal.wait(1000);
    terminal.type_keys("mkdir -p sub/deep; touch alpha.txt alpine.txt 'beta one.txt'\r");
    for (keys, expected) in [
        ("sle\t", "sleep "),
        ("cat b\t", "cat beta\\ one.txt "),
        ("cd su\t\t", "cd sub/deep/"),
        ("echo $HOM\t", "echo $HOME "),
        ("cat ~roo\t", "cat ~root/"),
    ] {
        assert_eq!(terminal.type_keys(keys), expected, "{keys}");
        terminal.type_keys("\x15");
    }
    assert_eq!(terminal.type_keys("cat al\t"), "cat al\x07p");
    assert_eq!(terminal.type_keys("\t"), "\x07");
    assert_eq!(terminal.type_keys("\t"), "\r\nalpha.txt   alpine.txt  \r\n# cat alp");
}

#[test]
fn what_is_typed_ahead_is_not_lost() {
    let terminal = Terminal::open("bash", 80);
    terminal.wait(1000);
    let shown = terminal.type_keys("sleep 1\recho after\r");
    let rest = terminal.wait(3000);
    assert!((shown + &rest).contains("after\r\n"), "{rest:?}");
}

#[test]
fn a_paste_of_many_lines_is_one_edit() {
    let terminal = Terminal::open("bash", 80);
    terminal.wait(1000);
    let shown = terminal.type_keys("\x1b[200~echo a\necho b\x1b[201~");
    assert_eq!(shown, "echo a\r\necho b");
    assert_eq!(terminal.type_keys("\r"), "\r\n\x1b[?2004l\ra\r\nb\r\n\x1b[?2004h# ");
}

#[test]
fn a_narrower_window_draws_the_line_again() {
    let terminal = Terminal::open("bash", 40);
    terminal.wait(1000);
    terminal.type_keys("echo one two three");
    assert_eq!(terminal.resize(12), "\x1b[A\r\x1b[J# echo one two three");
}

#[test]
fn dash_reads_from_the_terminal_as_it_is() {
    let terminal = Terminal::open("sh", 80);
    assert_eq!(terminal.wait(1000), "# ");
    assert_eq!(terminal.type_keys("echo hi\r"), "echo hi\r\nhi\r\n# ");
    assert_eq!(terminal.type_keys("nope\r"), "nope\r\nsh: 2: nope: not found\r\n# ");
    assert_eq!(terminal.type_keys("sleep 9\r"), "sleep 9\r\n");
    assert_eq!(terminal.type_keys("\x03"), "^C\r\n# ");
}

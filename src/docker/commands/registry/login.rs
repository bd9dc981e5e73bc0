//! `docker login`.

use machine::Fd;

use crate::cli::{Args, Invocation, Outcome, Spec, fail};

/// The command's table.
pub const SPEC: Spec = Spec {
    paths: &["login"],
    usage: "[OPTIONS] [SERVER]",
    short: "Authenticate to a registry",
    long: r"Authenticate to a registry.
Defaults to Docker Hub if no server is specified.",
    flags: &[r"
p|password|string|Password or Personal Access Token (PAT)
|password-stdin||Take the Password or Personal Access Token (PAT) from stdin
u|username|string|Username
"],
    args: Args::AtMost(1),
    ..Spec::new(|c| Box::pin(run(c)))
};

const NO_ACCOUNT: &str = "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password";
/// A password from standard input may not be longer.
const MAX_INPUT: usize = 64 * 1024;

async fn run(c: Invocation) -> Outcome {
    let m = &c.matches;
    let (user, password, from_input) = (m.text("username"), m.changed("password"), m.on("password-stdin"));
    if password {
        c.eprint("WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n").await;
        if from_input {
            return fail("--password and --password-stdin are mutually exclusive");
        }
    }
    if from_input {
        if user.is_empty() {
            return fail("Must provide --username with --password-stdin");
        }
        let typed = c.sys.read_to_end(Fd::STDIN, MAX_INPUT).await.unwrap_or_default();
        if typed.trim_ascii_end().is_empty() {
            return fail("Error: Cannot perform an interactive login from a non TTY device");
        }
    }
    // The hub here has no accounts: whoever comes with a name and a password is not known.
    match m.arg(0) {
        "" | "docker.io" | "index.docker.io" | "https://index.docker.io/v1/"
            if !user.is_empty() && (password || from_input) =>
        {
            fail(NO_ACCOUNT)
        }
        _ => fail("drydock: logging in to a registry is not emulated here"),
    }
}

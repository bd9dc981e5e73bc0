//! One run of redis-cli: the options, the connection, and what is known about its state.

use machine::{Errno, Signal, Sys};
use resp::reply::Reply;

use crate::connection::{Address, Link, LinkError};
use crate::console::{Console, Exit, Run};
use crate::debugger;
use crate::format::{self, Output};
use crate::help::Help;
use crate::options::{Options, Protocol, Target};

/// What happens to RESP3 pushes that arrive where a reply is awaited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pushes {
    /// nobody sees them
    Drop,
    /// they are printed as they come
    Print,
    /// they count as replies: SUBSCRIBE is confirmed by them
    Take,
}

/// Something went wrong that has been told, or that the caller tells by [`Session::tell_error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

/// The state of redis-cli.
pub struct Session {
    /// the machine
    pub sys: Sys,
    /// the command line
    pub options: Options,
    /// where the server is now: redirections and `connect` change it
    pub target: Target,
    /// standard output and error
    pub out: Console,
    /// the connection
    pub link: Option<Link>,
    /// the form of replies
    pub output: Output,
    /// the selected database
    pub database: i64,
    /// between MULTI and EXEC
    pub in_multi: bool,
    /// the database before MULTI
    pub database_before_multi: i64,
    /// after SUBSCRIBE
    pub subscribed: bool,
    /// after MONITOR
    pub monitor: bool,
    /// SHUTDOWN was sent: the end of the connection is no error
    pub shutdown: bool,
    /// the connection speaks RESP3
    pub resp3: bool,
    /// -MOVED or -ASK came: send the command again, there
    pub redirected: bool,
    /// -ASK came: send ASKING first
    pub asking: bool,
    /// there is a prompt
    pub interactive: bool,
    /// what happens to pushes
    pub pushes: Pushes,
    /// the last reply
    pub last: Option<Reply>,
    /// what is known about commands, once asked for
    pub help: Option<Help>,
    /// `:set hints`
    pub hints: bool,
    /// `--ldb`, SCRIPT DEBUG
    pub debugger: debugger::State,
}

impl Session {
    /// A session that is not connected yet.
    pub fn new(sys: &Sys, options: Options, out: Console) -> Self {
        Self {
            sys: sys.clone(),
            target: options.target.clone(),
            output: options.output,
            pushes: if options.show_pushes { Pushes::Print } else { Pushes::Drop },
            options,
            out,
            link: None,
            database: 0,
            in_multi: false,
            database_before_multi: 0,
            subscribed: false,
            monitor: false,
            shutdown: false,
            resp3: false,
            redirected: false,
            asking: false,
            interactive: false,
            last: None,
            help: None,
            hints: true,
            debugger: debugger::State::default(),
        }
    }

    /// What stands before the cursor.
    pub fn prompt(&self) -> String {
        if self.debugger == (debugger::State::On { prompt: true }) {
            return debugger::PROMPT.to_owned();
        }
        let mut prompt = match &self.target.socket {
            Some(path) => format!("redis {path}"),
            None => address(&self.target.host, self.target.port),
        };
        if self.database != 0 {
            prompt.push_str(&format!("[{}]", self.database));
        }
        if self.in_multi {
            prompt.push_str("(TX)");
        }
        if self.subscribed {
            prompt.push_str("(subscribed mode)");
        }
        prompt + "> "
    }

    /// `Error: …` with the connection's trouble, if there is any.
    pub async fn tell_error(&mut self) {
        let Some(link) = &self.link else { return };
        let text = link.error.as_ref().map(ToString::to_string).unwrap_or_default();
        self.out.error(format!("Error: {text}\n")).await;
    }

    /// Connects anew, logs in, selects the database, switches the protocol.
    pub async fn connect(&mut self, quiet: bool) -> Result<(), Failed> {
        if self.link.take().is_some() {
            self.database = 0;
            self.in_multi = false;
            self.subscribed = false;
        }
        self.out.settle().await;
        let redirected = self.options.cluster_mode && self.redirected;
        let (to, shown) = match self.target.socket.clone().filter(|_| !redirected) {
            Some(path) => (Address::Path(path.clone()), path),
            None => {
                let port = self.target.port;
                let shown = format!("{}:{port}", self.target.host);
                (Address::Host(self.target.host.clone(), port as u16), shown)
            }
        };
        match Link::connect(&self.sys, &to, self.options.timeout).await {
            Ok(link) => self.link = Some(link),
            Err(error) => {
                if !quiet && error != LinkError::Io(Errno::EINTR) {
                    self.out.error(format!("Could not connect to Redis at {shown}: {error}\n")).await;
                }
                return Err(Failed);
            }
        }
        self.resp3 = false;
        self.log_in().await?;
        self.select().await?;
        self.switch_protocol().await?;
        if let Some(name) = self.options.name.clone() {
            self.introduce("CLIENT SETNAME", &[b"CLIENT", b"SETNAME", name.as_bytes()]).await?;
        }
        self.pushes = if self.options.show_pushes { Pushes::Print } else { Pushes::Drop };
        Ok(())
    }

    /// A command of the connection's beginning: its errors are told as `… failed: …`.
    async fn introduce(&mut self, what: &str, words: &[&[u8]]) -> Result<Reply, Failed> {
        let Some(link) = &mut self.link else { return Err(Failed) };
        match link.command(words).await {
            Ok(Reply::Error(text)) => {
                let text = [what.as_bytes(), b" failed: ", &text, b"\n"].concat();
                self.out.error(text).await;
                Err(Failed)
            }
            Ok(reply) => Ok(reply),
            // Ctrl-C: whoever asked for the connection looks at the signal.
            Err(LinkError::Io(Errno::EINTR)) => Err(Failed),
            Err(_) => {
                self.out.error("\nI/O error\n").await;
                Err(Failed)
            }
        }
    }

    async fn log_in(&mut self) -> Result<(), Failed> {
        let Some(password) = self.target.password.clone() else { return Ok(()) };
        let user = self.target.user.clone();
        let words: Vec<&[u8]> = [Some(&b"AUTH"[..]), user.as_deref(), Some(&password)].into_iter().flatten().collect();
        self.introduce("AUTH", &words).await.map(drop)
    }

    /// Selects the wanted database, if it is not selected.
    pub async fn select(&mut self) -> Result<(), Failed> {
        let wanted = self.target.database;
        if wanted == self.database {
            return Ok(());
        }
        let number = wanted.to_string();
        self.introduce(&format!("SELECT {wanted}"), &[b"SELECT", number.as_bytes()]).await?;
        self.database = wanted;
        Ok(())
    }

    async fn switch_protocol(&mut self) -> Result<(), Failed> {
        if self.options.protocol == Protocol::Default || self.options.resp2 {
            return Ok(());
        }
        match self.introduce("HELLO 3", &[b"HELLO", b"3"]).await {
            Err(Failed) if self.options.protocol == Protocol::Resp3 => return Err(Failed),
            _ => self.resp3 = true,
        }
        Ok(())
    }

    /// Sends ASKING, as -ASK wants it.
    pub async fn send_asking(&mut self) -> Result<(), Failed> {
        self.asking = false;
        self.introduce("ASKING", &[b"ASKING"]).await.map(drop)
    }

    /// Waits for the next reply, pushes treated as `self.pushes` says.
    async fn next_reply(&mut self) -> Result<Reply, LinkError> {
        loop {
            self.out.settle().await;
            let Some(link) = &mut self.link else { return Err(LinkError::Closed) };
            match link.receive().await? {
                push @ Reply::Push(_) => match self.pushes {
                    Pushes::Take => return Ok(push),
                    Pushes::Drop => {}
                    Pushes::Print => self.out.print(format::push(&push, self.output, &self.options.delimiters)),
                },
                reply => return Ok(reply),
            }
        }
    }

    /// Ctrl-C while a reply is awaited: leaves MONITOR or SUBSCRIBE; ends the program otherwise.
    /// True if it was Ctrl-C.
    pub fn interrupted(&mut self) -> Run<bool> {
        if self.sys.take_signal() != Some(Signal::INT) {
            return Ok(false);
        }
        if !self.monitor && !self.subscribed {
            return Err(Exit(1));
        }
        self.monitor = false;
        self.subscribed = false;
        Ok(true)
    }

    /// Reads a reply and prints it; `verbatim` as in [`format::reply`].
    pub async fn read_reply(&mut self, verbatim: bool) -> Run<Result<(), Failed>> {
        self.last = None;
        let reply = loop {
            match self.next_reply().await {
                Ok(reply) => break reply,
                Err(LinkError::Io(Errno::EINTR)) => {
                    if self.interrupted()? {
                        return Ok(self.connect(false).await);
                    }
                }
                Err(_) if self.shutdown => {
                    self.link = None;
                    return Ok(Ok(()));
                }
                Err(LinkError::Closed | LinkError::Io(Errno::ECONNRESET | Errno::EPIPE)) if self.interactive => {
                    return Ok(Err(Failed));
                }
                Err(_) => {
                    self.tell_error().await;
                    return Err(Exit(1));
                }
            }
        };
        if let Reply::Error(text) = &reply {
            let text = String::from_utf8_lossy(text).into_owned();
            if self.options.cluster_mode && self.follow(&text) {
                self.last = Some(reply);
                return Ok(Ok(()));
            }
            if !self.interactive && self.options.exit_on_error {
                return self.out.fail(format!("{text}\n")).await;
            }
        }
        self.show(&reply, verbatim).await?;
        self.last = Some(reply);
        Ok(Ok(()))
    }

    /// Prints a reply.
    pub async fn show(&mut self, reply: &Reply, verbatim: bool) -> Run<()> {
        if let Some(number) = format::unprintable(reply) {
            return self.out.fail(format!("Unknown reply type: {number}\n")).await;
        }
        let text = match self.debugging() {
            true => self.debugger_says(reply),
            false => format::reply(reply, self.output, &self.options.delimiters, verbatim),
        };
        self.out.print(text);
        self.out.flush().await;
        Ok(())
    }

    /// Whether an error is a redirection; if so, takes the new address.
    fn follow(&mut self, error: &str) -> bool {
        let mut words = error.split(' ');
        let ask = match words.next() {
            Some("ASK") => true,
            Some("MOVED") => false,
            _ => return false,
        };
        let (Some(slot), Some(place)) = (words.next(), words.next()) else { return false };
        let Some((host, port)) = place.rsplit_once(':') else { return false };
        // The host is empty where the server does not know how clients reach the node.
        if !host.is_empty() {
            self.target.host = host.into();
        }
        self.target.port = crate::words::atoi(port);
        if self.interactive {
            let (host, port) = (&self.target.host, self.target.port);
            self.out.print(format!("-> Redirected to slot [{}] located at {host}:{port}\n", crate::words::atoi(slot)));
        }
        self.redirected = true;
        self.asking |= ask;
        true
    }

    /// A command of a mode that needs the server: a lost connection ends the program.
    pub async fn ask(&mut self, words: &[impl AsRef<[u8]>]) -> Run<Reply> {
        self.out.settle().await;
        let answer = match &mut self.link {
            Some(link) => link.command(words).await.ok(),
            None => None,
        };
        match answer {
            Some(reply) => Ok(reply),
            None => self.out.fail("\nI/O error\n").await,
        }
    }
}

/// `host:port`, with brackets around an IPv6 address.
pub fn address(host: &str, port: i64) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

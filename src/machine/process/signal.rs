//! Signals (`signal(7)`).

/// A signal number, 1 to 64.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signal(u8);

macro_rules! signals {
    ($($name:ident = $number:literal, $text:literal;)*) => {
        #[allow(missing_docs)]
        impl Signal { $(pub const $name: Signal = Signal($number);)* }

        const NAMED: &[(u8, &str, &str)] = &[$(($number, stringify!($name), $text),)*];
    };
}

signals! {
    HUP = 1, "Hangup";
    INT = 2, "Interrupt";
    QUIT = 3, "Quit";
    ILL = 4, "Illegal instruction";
    TRAP = 5, "Trace/breakpoint trap";
    ABRT = 6, "Aborted";
    BUS = 7, "Bus error";
    FPE = 8, "Floating point exception";
    KILL = 9, "Killed";
    USR1 = 10, "User defined signal 1";
    SEGV = 11, "Segmentation fault";
    USR2 = 12, "User defined signal 2";
    PIPE = 13, "Broken pipe";
    ALRM = 14, "Alarm clock";
    TERM = 15, "Terminated";
    STKFLT = 16, "Stack fault";
    CHLD = 17, "Child exited";
    CONT = 18, "Continued";
    STOP = 19, "Stopped (signal)";
    TSTP = 20, "Stopped";
    TTIN = 21, "Stopped (tty input)";
    TTOU = 22, "Stopped (tty output)";
    URG = 23, "Urgent I/O condition";
    XCPU = 24, "CPU time limit exceeded";
    XFSZ = 25, "File size limit exceeded";
    VTALRM = 26, "Virtual timer expired";
    PROF = 27, "Profiling timer expired";
    WINCH = 28, "Window changed";
    IO = 29, "I/O possible";
    PWR = 30, "Power failure";
    SYS = 31, "Bad system call";
}

/// What a signal does that nobody catches.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DefaultAction {
    /// The process ends.
    Terminate,
    /// The process ends and would leave a core file.
    Core,
    /// Nothing happens.
    Ignore,
    /// The process stops.
    Stop,
    /// A stopped process goes on.
    Continue,
}

/// What a process wants done with a signal.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Disposition {
    /// The signal's [`DefaultAction`].
    #[default]
    Default,
    /// Nothing.
    Ignore,
    /// It is queued for `Sys::take_signal`, and interrupts a waiting system call with `EINTR`.
    Catch,
}

impl Signal {
    /// The signal with that number, if there is one.
    pub fn from_number(number: i32) -> Option<Signal> {
        (1..=64).contains(&number).then_some(Signal(number as u8))
    }

    /// Its number.
    pub fn number(self) -> u8 {
        self.0
    }

    /// `TERM`, `SIGTERM` or `15`, in any case.
    pub fn parse(text: &str) -> Option<Signal> {
        if let Ok(number) = text.parse() {
            return Signal::from_number(number);
        }
        let upper = text.to_ascii_uppercase();
        let name = upper.strip_prefix("SIG").unwrap_or(&upper);
        let name = match name {
            "IOT" => "ABRT",
            "CLD" => "CHLD",
            "POLL" => "IO",
            name => name,
        };
        if let Some(n) = name.strip_prefix("RTMIN+").and_then(|n| n.parse::<i32>().ok()) {
            return Signal::from_number(34 + n);
        }
        if let Some(n) = name.strip_prefix("RTMAX-").and_then(|n| n.parse::<i32>().ok()) {
            return Signal::from_number(64 - n);
        }
        match name {
            "RTMIN" => return Some(Signal(34)),
            "RTMAX" => return Some(Signal(64)),
            _ => {}
        }
        NAMED.iter().find(|row| row.1 == name).map(|row| Signal(row.0))
    }

    /// Its name without `SIG`: `TERM`, `RTMIN+3`.
    pub fn name(self) -> String {
        match NAMED.iter().find(|row| row.0 == self.0) {
            Some(row) => row.1.to_string(),
            None if self.0 == 34 => "RTMIN".into(),
            None if self.0 == 64 => "RTMAX".into(),
            None if self.0 < 50 => format!("RTMIN+{}", i32::from(self.0) - 34),
            None => format!("RTMAX-{}", 64 - self.0),
        }
    }

    /// glibc's `strsignal` text, as a shell reports it.
    pub fn description(self) -> String {
        match NAMED.iter().find(|row| row.0 == self.0) {
            Some(row) => row.2.to_string(),
            None => format!("Real-time signal {}", i32::from(self.0) - 34),
        }
    }

    /// What it does where nobody catches it.
    pub fn default_action(self) -> DefaultAction {
        match self {
            Signal::CHLD | Signal::URG | Signal::WINCH => DefaultAction::Ignore,
            Signal::CONT => DefaultAction::Continue,
            Signal::STOP | Signal::TSTP | Signal::TTIN | Signal::TTOU => DefaultAction::Stop,
            Signal::QUIT
            | Signal::ILL
            | Signal::TRAP
            | Signal::ABRT
            | Signal::BUS
            | Signal::FPE
            | Signal::SEGV
            | Signal::XCPU
            | Signal::XFSZ
            | Signal::SYS => DefaultAction::Core,
            _ => DefaultAction::Terminate,
        }
    }
}

impl std::fmt::Debug for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SIG{}", self.name())
    }
}

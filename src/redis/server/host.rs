//! What the engine needs of the world it runs in.

/// A file operation that failed: the text of the error, as `strerror` words it.
pub type FileResult<T> = Result<T, String>;

/// How important a line of the log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// `.`
    Debug,
    /// `-`
    Verbose,
    /// `*`
    Notice,
    /// `#`
    Warning,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// This address.
    Address(std::net::IpAddr),
    /// None.
    Nothing,
    /// Not known yet: [`Server::names_are_known`](super::Server::names_are_known) will be called.
    Later,
}

/// Clock, randomness, files and log. All of it answers at once.
pub trait Host {
    /// Microseconds since 1970.
    fn wall_us(&self) -> i64;
    /// Microseconds of a clock that never goes back.
    fn mono_us(&self) -> i64;
    /// Fills with random bytes.
    fn random(&mut self, bytes: &mut [u8]);
    /// A whole file; `Ok(None)` if there is none.
    fn read_file(&mut self, path: &str) -> FileResult<Option<Vec<u8>>>;
    /// Makes or replaces a file in one step.
    fn write_file(&mut self, path: &str, data: &[u8]) -> FileResult<()>;
    /// The same; where it fails, what could not be done with the temporary file, `create` or `rename`, and the text of
    /// the error.
    fn replace_file(&mut self, path: &str, data: &[u8]) -> Result<(), (&'static str, String)> {
        self.write_file(path, data).map_err(|reason| ("create", reason))
    }
    /// Adds to the end of a file, making it if needed.
    fn append_file(&mut self, path: &str, data: &[u8]) -> FileResult<()>;
    /// Gives a file another name, in the place of one that has it.
    fn rename_file(&mut self, from: &str, to: &str) -> FileResult<()>;
    /// Removes a file.
    fn remove_file(&mut self, path: &str) -> FileResult<()>;
    /// Makes a directory; that it exists is no error.
    fn make_dir(&mut self, path: &str) -> FileResult<()>;
    /// Changes the working directory and returns its absolute path.
    fn change_dir(&mut self, path: &str) -> FileResult<String>;
    /// The working directory.
    fn current_dir(&mut self) -> String;
    /// Whether the process could listen on a TCP address; the text of the error if not. A world
    /// without sockets of its own has nothing against it.
    fn can_listen(&mut self, _address: std::net::SocketAddr) -> Result<(), String> {
        Ok(())
    }
    /// Whether the process may run this file.
    fn can_execute(&mut self, path: &str) -> bool {
        matches!(self.read_file(path), Ok(Some(_)))
    }
    /// Whether the process may write this file; the text of the error if not.
    fn can_write(&mut self, _path: &str) -> FileResult<()> {
        Ok(())
    }
    /// The address that a name stands for, where there are names.
    fn resolve(&mut self, _name: &str) -> Found {
        Found::Nothing
    }
    /// A line of the log.
    fn log(&mut self, role: char, level: Level, text: &str);
    /// Text that stands in the log as it is.
    fn log_raw(&mut self, text: &str);
    /// The process's number.
    fn pid(&self) -> u32;
    /// What INFO says of the operating system.
    fn system(&self) -> System;
}

/// Facts about the system for INFO.
#[derive(Clone, Debug, Default)]
pub struct System {
    /// `uname -s -r -m`.
    pub os: String,
    /// Path of the running executable.
    pub executable: String,
    /// Bytes of memory the machine has.
    pub memory: u64,
}

//! The machine as the engine's world.

use super::files;
use crate::server::Host;
use crate::server::host::{FileResult, Level, System};
use machine::Sys;
use machine::fs::OpenFlags;
use std::cell::RefCell;
use std::rc::Rc;

/// Lines of the log that are not written yet.
pub type LogBuffer = Rc<RefCell<Vec<u8>>>;

/// The world of a server on the machine.
pub struct MachineHost {
    /// The calling process.
    pub sys: Sys,
    /// Where log lines wait.
    pub log: LogBuffer,
}

/// A line as Redis writes it: `pid:role day time mark text`.
pub fn log_line(sys: &Sys, role: char, level: Level, text: &str) -> String {
    let mark = match level {
        Level::Debug => '.',
        Level::Verbose => '-',
        Level::Notice => '*',
        Level::Warning => '#',
    };
    let wall = sys.wall_clock();
    let (date, ms) = (format_time(wall.seconds()), wall.subsec_nanos() / 1_000_000);
    format!("{}:{role} {date}.{ms:03} {mark} {text}\n", sys.getpid().0)
}

/// `22 Nov 2026 00:38:25`, in UTC.
fn format_time(seconds: i64) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 1 March of year 0, in eras of 400 years.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
    let month = (month_shifted + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    let name = MONTHS.get(month as usize).copied().unwrap_or("Jan");
    format!("{day:02} {name} {year} {:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

impl Host for MachineHost {
    fn wall_us(&self) -> i64 {
        self.sys.wall_clock().0 / 1000
    }

    fn mono_us(&self) -> i64 {
        (self.sys.now().0 / 1000) as i64
    }

    fn random(&mut self, bytes: &mut [u8]) {
        self.sys.random(bytes);
    }

    fn read_file(&mut self, path: &str) -> FileResult<Option<Vec<u8>>> {
        match self.sys.read_file(path) {
            Ok(data) => Ok(Some(data)),
            Err(machine::Errno::ENOENT) => Ok(None),
            Err(error) => Err(error.message().to_owned()),
        }
    }

    fn write_file(&mut self, path: &str, data: &[u8]) -> FileResult<()> {
        let temporary = format!("{path}.tmp-{}", self.sys.getpid().0);
        files::write(&self.sys, &temporary, data, OpenFlags::CREATE)?;
        self.sys.rename(&temporary, path).map_err(|e| e.message().to_owned())
    }

    fn append_file(&mut self, path: &str, data: &[u8]) -> FileResult<()> {
        files::write(&self.sys, path, data, OpenFlags::APPEND)
    }

    fn remove_file(&mut self, path: &str) -> FileResult<()> {
        self.sys.unlink(path).map_err(|e| e.message().to_owned())
    }

    fn make_dir(&mut self, path: &str) -> FileResult<()> {
        match self.sys.mkdir(path, 0o755) {
            Ok(()) | Err(machine::Errno::EEXIST) => Ok(()),
            Err(error) => Err(error.message().to_owned()),
        }
    }

    fn change_dir(&mut self, path: &str) -> FileResult<String> {
        self.sys.chdir(path).map_err(|e| e.message().to_owned())?;
        Ok(self.current_dir())
    }

    fn current_dir(&mut self) -> String {
        self.sys.getcwd().unwrap_or_else(|_| ".".into())
    }

    fn log(&mut self, role: char, level: Level, text: &str) {
        let line = log_line(&self.sys, role, level, text);
        self.log.borrow_mut().extend_from_slice(line.as_bytes());
    }

    fn pid(&self) -> u32 {
        self.sys.getpid().0 as u32
    }

    fn system(&self) -> System {
        let read = |path: &str| {
            self.sys.read_file(path).ok().map(|d| String::from_utf8_lossy(&d).into_owned()).unwrap_or_default()
        };
        let release = read("/proc/sys/kernel/osrelease");
        let memory = read("/proc/meminfo")
            .lines()
            .find_map(|l| l.strip_prefix("MemTotal:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok())
            .unwrap_or(0);
        System { os: format!("Linux {} x86_64", release.trim()), executable: self.sys.exe(), memory: memory * 1024 }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn dates_read_as_in_the_log() {
        assert_eq!(super::format_time(1_795_307_906), "22 Nov 2026 00:38:26");
        assert_eq!(super::format_time(951_782_400), "29 Feb 2000 00:00:00");
    }
}

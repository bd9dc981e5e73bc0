//! Times as logs and headers write them, all in UTC.

use machine::UnixTime;
use machine::calendar::strftime;

/// `2025/11/22 06:00:00`
pub fn log(time: UnixTime) -> String {
    strftime("%Y/%m/%d %H:%M:%S", time.seconds())
}

/// `22/Nov/2025:06:00:00 +0000`
pub fn access(time: UnixTime) -> String {
    strftime("%d/%b/%Y:%H:%M:%S +0000", time.seconds())
}

/// `Sat, 22 Nov 2025 06:00:00 GMT` (`RFC 9110`, 5.6.7)
pub fn http(time: UnixTime) -> String {
    strftime("%a, %d %b %Y %H:%M:%S GMT", time.seconds())
}

/// `22-Nov-2025 06:00`, of a list of files.
pub fn listing(time: UnixTime) -> String {
    strftime("%d-%b-%Y %H:%M", time.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates() {
        let time = UnixTime(1_763_791_205_000_000_000);
        assert_eq!(http(time), "Sat, 22 Nov 2025 06:00:05 GMT");
        assert_eq!(access(time), "22/Nov/2025:06:00:05 +0000");
        assert_eq!(log(time), "2025/11/22 06:00:05");
        assert_eq!(http(UnixTime(951_782_400_000_000_000)), "Tue, 29 Feb 2000 00:00:00 GMT");
    }
}

//! Regular files without waiting: they never make a process wait, so their futures end at once.

use crate::server::host::FileResult;
use machine::fs::OpenFlags;
use machine::{Errno, Sys};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// The value of a future that does not have to wait.
fn at_once<T>(future: impl Future<Output = Result<T, Errno>>) -> Result<T, Errno> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(result) => result,
        Poll::Pending => Err(Errno::EAGAIN),
    }
}

/// Writes to a file opened like this.
pub fn write(sys: &Sys, path: &str, data: &[u8], flags: OpenFlags) -> FileResult<()> {
    let fd = at_once(sys.open(path, flags.cloexec(), 0o644)).map_err(|e| e.message().to_owned())?;
    let result = at_once(sys.write_all(fd, data)).map_err(|e| e.message().to_owned());
    let _ = sys.close(fd);
    result
}

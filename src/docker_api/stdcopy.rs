//! The frames of a multiplexed stream: stream number, three zero bytes, big-endian length, data.
//! Source: Engine API v1.51, "Attach to a container", stream format.

/// Which stream a frame belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// 0
    Stdin,
    /// 1
    Stdout,
    /// 2
    Stderr,
    /// 3: an error text of the daemon itself
    SystemErr,
}

/// The size of a frame's head.
pub const HEADER: usize = 8;
/// The largest frame accepted.
pub const MAX_FRAME: usize = 16 * 1024 * 1024;

/// Frames `data`.
pub fn encode(stream: Stream, data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER + data.len());
    out.extend_from_slice(&[stream as u8, 0, 0, 0]);
    out.extend_from_slice(&(data.len() as u32).to_be_bytes());
    out.extend_from_slice(data);
    out
}

/// Takes one frame off the front of `buf`; `None` means more bytes are needed. The error is the
/// text the client prints.
pub fn take(buf: &mut Vec<u8>) -> Result<Option<(Stream, Vec<u8>)>, String> {
    let Some(head) = buf.get(..HEADER) else { return Ok(None) };
    let stream = match head[0] {
        0 => Stream::Stdin,
        1 => Stream::Stdout,
        2 => Stream::Stderr,
        3 => Stream::SystemErr,
        other => return Err(format!("unrecognized stream: {other}")),
    };
    let len = u32::from_be_bytes([head[4], head[5], head[6], head[7]]) as usize;
    if len > MAX_FRAME {
        return Err("frame too large".to_string());
    }
    if buf.len() < HEADER + len {
        return Ok(None);
    }
    let data = buf[HEADER..HEADER + len].to_vec();
    buf.drain(..HEADER + len);
    Ok(Some((stream, data)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_apart_at_any_cut() {
        let mut wire = encode(Stream::Stdout, b"out\n");
        wire.extend(encode(Stream::Stderr, b""));
        wire.extend(encode(Stream::Stderr, b"err\n"));
        let (mut buf, mut seen) = (Vec::new(), Vec::new());
        for byte in wire {
            buf.push(byte);
            while let Some(frame) = take(&mut buf).unwrap() {
                seen.push(frame);
            }
        }
        assert_eq!(
            seen,
            [(Stream::Stdout, b"out\n".to_vec()), (Stream::Stderr, Vec::new()), (Stream::Stderr, b"err\n".to_vec())]
        );
        assert!(buf.is_empty());
    }

    #[test]
    fn an_unknown_stream_is_an_error() {
        assert_eq!(take(&mut vec![104, 0, 0, 0, 0, 0, 0, 0]), Err("unrecognized stream: 104".into()));
    }
}

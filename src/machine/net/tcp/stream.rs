//! What an established connection carries, and how it ends.

use std::rc::Rc;
use std::time::Duration;

use super::{End, MINUTE, RECEIVE_BUFFER, SEND_BUFFER, State, TcpSocket};
use crate::errno::{Errno, SysResult};
use crate::net::path::{self, Transit};

/// The first pause before something is sent again, and the longest, nanoseconds (`TCP_RTO_MIN`, `TCP_RTO_MAX`).
const RETRY_FIRST: u64 = 200_000_000;
const RETRY_LONGEST: u64 = 120_000_000_000;
/// How often (`net.ipv4.tcp_retries2`): about a quarter of an hour in all.
const RETRIES: u32 = 15;
/// Bytes of a packet's headers, and of data in one packet, for the interfaces' counters.
const HEADERS: usize = 66;
const SEGMENT: usize = 1448;
/// The line takes 8 bytes a nanosecond.
const BYTES_PER_NANOSECOND: u64 = 8;

impl TcpSocket {
    /// `read`.
    pub(super) fn take_received(&self, buf: &mut [u8]) -> SysResult<usize> {
        if self.state.get() == State::Listen {
            return Err(Errno::ENOTCONN);
        }
        let n = self.received.borrow_mut().read(buf);
        if n > 0 {
            self.window_opens();
            return Ok(n);
        }
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        match self.state.get() {
            State::Closed if self.remote.get().is_none() => Err(Errno::ENOTCONN),
            _ if self.received_end.get() || self.read_shut.get() || buf.is_empty() => Ok(0),
            _ => Err(Errno::EAGAIN),
        }
    }

    /// There is room again for what the other end has to send; told once half of the buffer is free, so that
    /// many small reads don't make many small segments.
    fn window_opens(&self) {
        if (self.received.borrow().len() + self.arriving.get()) * 2 > RECEIVE_BUFFER {
            return;
        }
        let peer = self.peer.borrow().upgrade();
        if let Some(peer) = peer.filter(|p| !p.unsent.borrow().is_empty()) {
            peer.push_out();
        }
    }

    /// `write`.
    pub(super) fn put(&self, buf: &[u8]) -> SysResult<usize> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        match self.state.get() {
            State::SynSent | State::SynReceived => return Err(Errno::EAGAIN),
            State::Established | State::CloseWait if self.sent_end.get() == End::Open => {}
            _ => return Err(Errno::EPIPE),
        }
        let room = SEND_BUFFER.saturating_sub(self.unsent.borrow().len());
        if room == 0 && !buf.is_empty() {
            return Err(Errno::EAGAIN);
        }
        let n = buf.len().min(room);
        self.unsent.borrow_mut().push(buf[..n].to_vec());
        self.push_out();
        Ok(n)
    }

    /// How much the other end takes now. One that is gone takes all and answers with a reset.
    fn window(&self) -> usize {
        match self.peer.borrow().upgrade() {
            Some(peer) if peer.state.get() != State::Closed => {
                RECEIVE_BUFFER.saturating_sub(peer.received.borrow().len() + peer.arriving.get())
            }
            _ => usize::MAX,
        }
    }

    /// Sends what can be sent, the end too.
    fn push_out(&self) {
        let waiting = self.unsent.borrow().len();
        if waiting == 0 && self.sent_end.get() != End::Queued {
            return;
        }
        let window = self.window();
        if waiting > 0 && window == 0 {
            return;
        }
        let Some(transit) = self.transit() else {
            self.try_later();
            return;
        };
        self.retries.set(0);
        if waiting > 0 {
            self.send(window, &transit);
            if waiting * 3 > SEND_BUFFER * 2 {
                self.queue.wake();
            }
        }
        if self.sent_end.get() == End::Queued && self.unsent.borrow().is_empty() {
            self.send_end(&transit);
        }
    }

    /// Sends at most `window` bytes of what waits.
    fn send(&self, mut window: usize, transit: &Transit) {
        let Some(me) = self.me.upgrade() else { return };
        let peer = self.peer.borrow().upgrade();
        loop {
            let chunk = self.unsent.borrow_mut().take(window);
            if chunk.is_empty() {
                return;
            }
            window -= chunk.len();
            path::count(&transit.taps, chunk.len() + HEADERS, chunk.len().div_ceil(SEGMENT));
            let at = self.leaves(chunk.len()) + Duration::from_nanos(transit.delay);
            let (me, delay) = (me.clone(), transit.delay);
            match &peer {
                Some(peer) => {
                    peer.arriving.set(peer.arriving.get() + chunk.len());
                    let peer = peer.clone();
                    self.core.at(at, move |_| peer.data_arrives(chunk, &me));
                }
                None => self.core.at(at + Duration::from_nanos(delay), move |_| me.reset_arrives()),
            }
        }
    }

    /// When a segment of so many bytes, sent now, has left.
    fn leaves(&self, bytes: usize) -> crate::kernel::Instant {
        let start = self.line_free.get().max(self.core.now());
        let at = start + Duration::from_nanos(bytes as u64 / BYTES_PER_NANOSECOND);
        self.line_free.set(at);
        at
    }

    /// The way is not open: what is to be sent was lost. Tries again after a pause, twice as long each time.
    fn try_later(&self) {
        if self.retry_armed.replace(true) {
            return;
        }
        let Some(me) = self.me.upgrade() else { return };
        let (retries, timer) = (self.retries.get(), self.new_timer());
        self.retries.set(retries + 1);
        let pause = (RETRY_FIRST << retries.min(RETRIES)).min(RETRY_LONGEST);
        self.core.after(pause, move |_| {
            if me.timer.get() != timer {
                return;
            }
            me.retry_armed.set(false);
            if retries >= RETRIES {
                me.die(Some(Errno::ETIMEDOUT));
            } else {
                me.push_out();
            }
        });
    }

    fn data_arrives(self: &Rc<Self>, data: Vec<u8>, from: &Rc<TcpSocket>) {
        self.arriving.set(self.arriving.get().saturating_sub(data.len()));
        self.acknowledged();
        let open = matches!(self.state.get(), State::Established | State::FinWait1 | State::FinWait2);
        if !open || self.orphan.get() {
            self.answer_reset(from);
            if self.orphan.get() {
                self.die(None);
            }
            return;
        }
        self.received.borrow_mut().push(data);
        self.queue.wake();
    }

    /// Tells the other end that there is no such connection.
    fn answer_reset(&self, to: &Rc<TcpSocket>) {
        if let Some(transit) = self.transit() {
            let to = to.clone();
            path::count(&transit.taps, HEADERS, 1);
            self.core.after(transit.delay, move |_| to.reset_arrives());
        }
    }

    /// Ends the connection at once.
    pub(super) fn reset(&self) {
        let peer = self.peer.borrow().upgrade();
        if let Some(peer) = peer {
            self.answer_reset(&peer);
        }
        self.die(None);
    }

    pub(super) fn reset_arrives(&self) {
        let error = match self.state.get() {
            State::Closed | State::Listen => return,
            State::SynSent => Errno::ECONNREFUSED,
            State::CloseWait => Errno::EPIPE,
            _ => Errno::ECONNRESET,
        };
        self.die(Some(error));
    }

    /// Nothing more will be written: the end follows what waits.
    pub(super) fn end(&self) {
        if self.sent_end.get() != End::Open {
            return;
        }
        let next = match self.state.get() {
            State::Established | State::SynReceived => State::FinWait1,
            State::CloseWait => State::LastAck,
            _ => return,
        };
        self.state.set(next);
        self.sent_end.set(End::Queued);
        self.push_out();
    }

    fn send_end(&self, transit: &Transit) {
        self.sent_end.set(End::Sent);
        path::count(&transit.taps, HEADERS, 1);
        let Some(me) = self.me.upgrade() else { return };
        let at = self.leaves(0) + Duration::from_nanos(transit.delay);
        match self.peer.borrow().upgrade() {
            Some(peer) => self.core.at(at, move |_| peer.end_arrives(&me)),
            None => self.core.at(at + Duration::from_nanos(transit.delay), move |_| me.reset_arrives()),
        }
    }

    fn end_arrives(self: &Rc<Self>, from: &Rc<TcpSocket>) {
        self.acknowledged();
        match self.state.get() {
            State::Closed => {
                // Nobody here: the answer to it is a reset.
                from.reset_arrives();
                return;
            }
            State::Established => self.state.set(State::CloseWait),
            State::FinWait1 => self.state.set(State::Closing),
            State::FinWait2 => {
                from.end_acknowledged();
                self.received_end.set(true);
                self.time_wait();
                return;
            }
            _ => return,
        }
        self.received_end.set(true);
        self.queue.wake();
        from.end_acknowledged();
    }

    /// The other end got the end of what this one sent.
    fn end_acknowledged(&self) {
        match self.state.get() {
            State::FinWait1 => {
                self.state.set(State::FinWait2);
                self.limit_orphan();
            }
            State::Closing => self.time_wait(),
            State::LastAck => self.die(None),
            _ => {}
        }
    }

    /// An orphan does not wait forever for the other end's end.
    fn limit_orphan(&self) {
        if !self.orphan.get() || self.state.get() != State::FinWait2 {
            return;
        }
        let me = self.me.clone();
        self.core.after(MINUTE, move |_| {
            if let Some(me) = me.upgrade().filter(|me| me.state.get() == State::FinWait2) {
                me.die(None);
            }
        });
    }

    /// The last descriptor is closed.
    pub(super) fn close(&self) {
        self.orphan.set(true);
        match self.state.get() {
            State::Listen => self.stop_listening(),
            State::SynSent | State::SynReceived => self.reset(),
            State::Closed => self.unregister(),
            _ if !self.received.borrow().is_empty() => self.reset(),
            State::FinWait2 => self.limit_orphan(),
            _ => self.end(),
        }
    }
}

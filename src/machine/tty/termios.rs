//! Settings of a terminal.

/// Columns and rows (`TIOCGWINSZ`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct WindowSize {
    /// Columns.
    pub columns: u16,
    /// Rows.
    pub rows: u16,
}

/// Terminal settings (`termios(3)`), those that have an effect here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(clippy::struct_excessive_bools)]
pub struct Termios {
    /// `ICRNL`: carriage return comes in as newline.
    pub icrnl: bool,
    /// `INLCR`.
    pub inlcr: bool,
    /// `IGNCR`.
    pub igncr: bool,
    /// `IXON`: Ctrl-S and Ctrl-Q stop and start output.
    pub ixon: bool,
    /// `IUTF8`: erase takes a whole character.
    pub iutf8: bool,
    /// `OPOST`: output is processed.
    pub opost: bool,
    /// `ONLCR`: newline goes out as carriage return and newline.
    pub onlcr: bool,
    /// `ISIG`: the keys for signals work.
    pub isig: bool,
    /// `ICANON`: input comes in lines.
    pub icanon: bool,
    /// `ECHO`.
    pub echo: bool,
    /// `ECHOE`: erase rubs out on the screen.
    pub echoe: bool,
    /// `ECHOK`.
    pub echok: bool,
    /// `ECHONL`.
    pub echonl: bool,
    /// `ECHOCTL`: control characters show as `^X`.
    pub echoctl: bool,
    /// `NOFLSH`.
    pub noflsh: bool,
    /// `TOSTOP`: background output stops the writer.
    pub tostop: bool,
    /// `IEXTEN`.
    pub iexten: bool,
    /// `VINTR`, Ctrl-C. 0 turns a key off.
    pub vintr: u8,
    /// `VQUIT`, Ctrl-\.
    pub vquit: u8,
    /// `VERASE`, DEL.
    pub verase: u8,
    /// `VKILL`, Ctrl-U.
    pub vkill: u8,
    /// `VEOF`, Ctrl-D.
    pub veof: u8,
    /// `VSUSP`, Ctrl-Z.
    pub vsusp: u8,
    /// `VSTART`, Ctrl-Q.
    pub vstart: u8,
    /// `VSTOP`, Ctrl-S.
    pub vstop: u8,
    /// `VWERASE`, Ctrl-W.
    pub vwerase: u8,
    /// `VLNEXT`, Ctrl-V.
    pub vlnext: u8,
    /// `VREPRINT`, Ctrl-R.
    pub vreprint: u8,
    /// `VMIN`: bytes that a raw read waits for.
    pub vmin: u8,
    /// `VTIME`: tenths of a second that a raw read waits.
    pub vtime: u8,
}

impl Termios {
    /// As a fresh Linux terminal has it.
    pub const COOKED: Termios = Termios {
        icrnl: true,
        inlcr: false,
        igncr: false,
        ixon: true,
        iutf8: true,
        opost: true,
        onlcr: true,
        isig: true,
        icanon: true,
        echo: true,
        echoe: true,
        echok: true,
        echonl: false,
        echoctl: true,
        noflsh: false,
        tostop: false,
        iexten: true,
        vintr: 3,
        vquit: 28,
        verase: 127,
        vkill: 21,
        veof: 4,
        vsusp: 26,
        vstart: 17,
        vstop: 19,
        vwerase: 23,
        vlnext: 22,
        vreprint: 18,
        vmin: 1,
        vtime: 0,
    };

    /// `cfmakeraw`.
    pub fn make_raw(&mut self) {
        (self.inlcr, self.igncr, self.icrnl, self.ixon) = (false, false, false, false);
        self.opost = false;
        (self.echo, self.echonl, self.icanon, self.isig, self.iexten) = (false, false, false, false, false);
        (self.vmin, self.vtime) = (1, 0);
    }
}

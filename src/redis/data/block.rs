//! Bytes behind a handle of 16 bytes: a few lie in the handle itself, more in one piece of memory of a size that
//! allocators give without waste. There may be millions of such blocks, so that each byte beside the content counts.

/// How many bytes fit into the handle.
const HERE: usize = 14;
/// The largest note that fits into the handle beside them.
const HERE_NOTE: u16 = 7;

/// What is said of a block's bytes.
#[derive(Clone, Copy, Debug)]
struct Head {
    ints: bool,
    note: u16,
    len: usize,
}

impl Head {
    /// In one byte, where the bytes lie in the handle.
    fn short(self) -> u8 {
        self.len as u8 & 15 | (self.note as u8 & 7) << 4 | u8::from(self.ints) << 7
    }

    fn of_short(short: u8) -> Head {
        Head { ints: short & 128 != 0, note: u16::from(short >> 4 & 7), len: usize::from(short & 15) }
    }
}

/// The forms of a block. Arrays have the sizes that remain of an allocator's pieces, which are multiples of 16 bytes,
/// 8 of which are its own. With the size in the type the pointer is thin.
macro_rules! forms {
    ($($name:ident $size:literal)*) => {
        #[derive(Clone, Debug)]
        enum Form {
            Here(u8, [u8; HERE]),
            $($name(bool, u16, u32, Box<[u8; $size]>),)*
            Long(bool, u16, u32, Box<Vec<u8>>),
        }

        impl Form {
            /// The smallest form that takes so many bytes.
            fn with_room(head: Head, size: usize) -> Form {
                let Head { ints, note, len } = head;
                match size {
                    ..=HERE if note <= HERE_NOTE => Form::Here(head.short(), [0; HERE]),
                    $(..=$size => Form::$name(ints, note, len as u32, Box::new([0; $size])),)*
                    _ => Form::Long(ints, note, len as u32, Box::new(vec![0; size + spare(size)])),
                }
            }

            /// The bytes with the room behind them.
            fn room(&self) -> &[u8] {
                match self {
                    Form::Here(_, bytes) => bytes,
                    $(Form::$name(.., bytes) => bytes.as_slice(),)*
                    Form::Long(.., bytes) => bytes,
                }
            }

            fn room_mut(&mut self) -> &mut [u8] {
                match self {
                    Form::Here(_, bytes) => bytes,
                    $(Form::$name(.., bytes) => bytes.as_mut_slice(),)*
                    Form::Long(.., bytes) => bytes,
                }
            }

            fn head(&self) -> Head {
                match self {
                    Form::Here(short, _) => Head::of_short(*short),
                    $(Form::$name(ints, note, len, _))|* | Form::Long(ints, note, len, _) => {
                        Head { ints: *ints, note: *note, len: *len as usize }
                    }
                }
            }

            fn set_head(&mut self, head: Head) {
                match self {
                    Form::Here(short, _) => *short = head.short(),
                    $(Form::$name(ints, note, len, _))|* | Form::Long(ints, note, len, _) => {
                        (*ints, *note, *len) = (head.ints, head.note, head.len as u32);
                    }
                }
            }
        }
    };
}

forms! {
    B24 24 B40 40 B56 56 B72 72 B88 88 B104 104 B120 120 B136 136 B152 152 B168 168 B184 184 B200 200 B216 216
    B232 232 B248 248
}

/// Room to spare in a long block: hardly any while it is not very long.
fn spare(size: usize) -> usize {
    const SHORT: usize = 512;
    if size > SHORT { size / 8 } else { (24 - size % 16) % 16 }
}

/// The bytes, a flag that tells what they are, and a small number that belongs to them.
#[derive(Clone, Debug)]
pub struct Block(Form);

impl Block {
    /// No bytes.
    pub fn new(ints: bool) -> Block {
        Block(Form::Here(Head { ints, note: 0, len: 0 }.short(), [0; HERE]))
    }

    /// A copy of `bytes`.
    pub fn of(bytes: &[u8], note: u16) -> Block {
        let mut form = Form::with_room(Head { ints: false, note, len: bytes.len() }, bytes.len());
        if let Some(place) = form.room_mut().get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
        }
        Block(form)
    }

    /// Whether the bytes are those of an intset; else they are those of a listpack.
    pub fn is_ints(&self) -> bool {
        self.0.head().ints
    }

    /// The number that belongs to the bytes.
    pub fn note(&self) -> u16 {
        self.0.head().note
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.0.head().len
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        self.0.room().get(..self.len()).unwrap_or_default()
    }

    /// The bytes, to be changed.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        let len = self.len();
        self.0.room_mut().get_mut(..len).unwrap_or_default()
    }

    /// Exchanges the bytes from `at` to `end` for `size` others, which the caller writes, and sets the note.
    pub fn gap(&mut self, at: usize, end: usize, size: usize, note: u16) -> &mut [u8] {
        let head = self.0.head();
        let end = end.min(head.len);
        let at = at.min(end);
        let new = Head { len: head.len - (end - at) + size, note, ..head };
        let room = self.0.room().len();
        let tight = new.len > room || room == HERE && note > HERE_NOTE;
        if tight || room > HERE && new.len * 2 <= room {
            self.refit(new, at, end, size);
        } else {
            if end - at != size {
                self.0.room_mut().copy_within(end..head.len, at + size);
            }
            self.0.set_head(new);
        }
        self.0.room_mut().get_mut(at..at + size).unwrap_or_default()
    }

    /// The same where the form no longer suits.
    fn refit(&mut self, new: Head, at: usize, end: usize, size: usize) {
        let used = self.len();
        if let Form::Long(.., bytes) = &mut self.0
            && new.len > bytes.len()
        {
            bytes.reserve_exact(new.len + spare(new.len) - bytes.len());
            bytes.resize(bytes.capacity(), 0);
            bytes.copy_within(end..used, at + size);
            self.0.set_head(new);
            return;
        }
        let mut form = Form::with_room(new, new.len);
        let (old, room) = (self.0.room(), form.room_mut());
        room[..at].copy_from_slice(&old[..at]);
        room[at + size..new.len].copy_from_slice(&old[end..used]);
        self.0 = form;
    }

    /// Gives unused memory back.
    pub fn shrink(&mut self) {
        if let Form::Long(.., len, bytes) = &mut self.0 {
            bytes.truncate(*len as usize);
            bytes.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_small() {
        assert!(size_of::<Block>() <= 16);
        // An enum around it that has room for a pointer takes no more.
        assert!(size_of::<Result<Block, Box<u8>>>() <= 16);
    }

    #[test]
    fn behaves_as_a_vector_in_every_form() {
        let mut model: Vec<u8> = Vec::new();
        let mut block = Block::new(true);
        let mut state = 11u64;
        for n in 0..20_000usize {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            let pick = |shift: u32, below: usize| (state >> shift) as usize % below;
            // It grows and shrinks in waves, over all sizes.
            let growing = n / 500 % 2 == 0;
            let at = pick(20, model.len() + 1);
            let end = (at + pick(30, if growing { 3 } else { 12 })).min(model.len());
            let new: Vec<u8> = (0..pick(40, if growing { 9 } else { 4 })).map(|i| (n + i) as u8).collect();
            block.gap(at, end, new.len(), 5).copy_from_slice(&new);
            model.splice(at..end, new);
            assert_eq!(block.bytes(), model);
            assert_eq!((block.len(), block.note(), block.is_ints()), (model.len(), 5, true));
            assert!(model.len() <= HERE || block.0.room().len() <= model.len() * 2);
        }
    }

    #[test]
    fn a_large_note_needs_a_piece_of_memory() {
        let mut block = Block::of(b"abc", 3);
        block.gap(0, 0, 0, 65_535);
        assert_eq!((block.note(), block.bytes()), (65_535, b"abc".as_slice()));
        block.gap(0, 1, 30, 65_535).fill(b'x');
        block.gap(0, 31, 0, 65_535);
        assert_eq!((block.note(), block.bytes(), block.is_ints()), (65_535, b"c".as_slice(), false));
    }
}

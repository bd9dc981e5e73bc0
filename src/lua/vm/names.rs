//! Names that the machine itself looks up.

use crate::heap::Heap;
use crate::value::Value;

/// Strings of metamethods.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug)]
pub struct Names {
    pub index: Value,
    pub newindex: Value,
    pub call: Value,
    pub add: Value,
    pub sub: Value,
    pub mul: Value,
    pub div: Value,
    pub modulo: Value,
    pub pow: Value,
    pub unm: Value,
    pub len: Value,
    pub eq: Value,
    pub lt: Value,
    pub le: Value,
    pub concat: Value,
    pub mode: Value,
    pub metatable: Value,
    pub tostring: Value,
    pub n: Value,
}

impl Names {
    pub(super) fn new(heap: &mut Heap) -> Names {
        let mut name = |text: &str| heap.intern(text);
        Names {
            index: name("__index"),
            newindex: name("__newindex"),
            call: name("__call"),
            add: name("__add"),
            sub: name("__sub"),
            mul: name("__mul"),
            div: name("__div"),
            modulo: name("__mod"),
            pow: name("__pow"),
            unm: name("__unm"),
            len: name("__len"),
            eq: name("__eq"),
            lt: name("__lt"),
            le: name("__le"),
            concat: name("__concat"),
            mode: name("__mode"),
            metatable: name("__metatable"),
            tostring: name("__tostring"),
            n: name("n"),
        }
    }

    pub(super) fn each(&self, mut see: impl FnMut(Value)) {
        let all = [
            self.index,
            self.newindex,
            self.call,
            self.add,
            self.sub,
            self.mul,
            self.div,
            self.modulo,
            self.pow,
            self.unm,
            self.len,
            self.eq,
            self.lt,
            self.le,
            self.concat,
            self.mode,
            self.metatable,
            self.tostring,
            self.n,
        ];
        all.into_iter().for_each(&mut see);
    }
}

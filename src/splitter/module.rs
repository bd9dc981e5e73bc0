//! A module as it is read: its sections, and of its functions what both halves ask for.

use crate::Failure;
use wasmparser::{
    DataSectionReader, ElementItems, ElementKind, ElementSectionReader, Export, FuncType, FunctionBody, Global, Import,
    ImportSectionReader, Imports, MemoryType, Operator, Parser, Payload, Table, TypeRef,
};

/// A module of one memory whose only imports are functions.
pub struct Module<'a> {
    /// The types; all are functions'.
    pub types: Vec<FuncType>,
    /// The imports.
    pub imports: Vec<Import<'a>>,
    /// The type of each function, the imported ones first.
    pub functions: Vec<u32>,
    /// The tables.
    pub tables: Vec<Table<'a>>,
    /// The memory.
    pub memory: MemoryType,
    /// The globals.
    pub globals: Vec<Global<'a>>,
    /// The exports.
    pub exports: Vec<Export<'a>>,
    /// The function that runs first, if one does.
    pub start: Option<u32>,
    /// Where functions lie in the first table: first slot and functions.
    pub elements: Vec<(u32, Vec<u32>)>,
    /// The bodies of the functions that are not imported.
    pub bodies: Vec<FunctionBody<'a>>,
    /// The data.
    pub data: Option<DataSectionReader<'a>>,
}

impl<'a> Module<'a> {
    /// Reads a module.
    pub fn read(bytes: &'a [u8]) -> Result<Module<'a>, Failure> {
        let mut module = Module {
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            tables: Vec::new(),
            memory: MemoryType { memory64: false, shared: false, initial: 0, maximum: None, page_size_log2: None },
            globals: Vec::new(),
            exports: Vec::new(),
            start: None,
            elements: Vec::new(),
            bodies: Vec::new(),
            data: None,
        };
        for payload in Parser::new(0).parse_all(bytes) {
            module.section(payload?)?;
        }
        Ok(module)
    }

    fn section(&mut self, payload: Payload<'a>) -> Result<(), Failure> {
        match payload {
            Payload::TypeSection(types) => {
                self.types = types.into_iter_err_on_gc_types().collect::<Result<_, _>>()?;
            }
            Payload::ImportSection(imports) => self.imports(imports)?,
            Payload::FunctionSection(functions) => {
                for function in functions {
                    self.functions.push(function?);
                }
            }
            Payload::TableSection(tables) => self.tables = tables.into_iter().collect::<Result<_, _>>()?,
            Payload::MemorySection(memories) => {
                let memories: Vec<MemoryType> = memories.into_iter().collect::<Result<_, _>>()?;
                let [memory] = memories[..] else {
                    return Err(Failure("the module has more than one memory".to_owned()));
                };
                self.memory = memory;
            }
            Payload::GlobalSection(globals) => self.globals = globals.into_iter().collect::<Result<_, _>>()?,
            Payload::ExportSection(exports) => self.exports = exports.into_iter().collect::<Result<_, _>>()?,
            Payload::StartSection { func, .. } => self.start = Some(func),
            Payload::ElementSection(elements) => self.elements(elements)?,
            Payload::CodeSectionEntry(body) => self.bodies.push(body),
            Payload::DataSection(data) => self.data = Some(data),
            // The names and the tools' marks are of no use to the page.
            Payload::Version { .. }
            | Payload::CodeSectionStart { .. }
            | Payload::DataCountSection { .. }
            | Payload::CustomSection(_)
            | Payload::End(_) => {}
            other => return Err(Failure(format!("the module has a section that is not understood: {other:?}"))),
        }
        Ok(())
    }

    fn imports(&mut self, imports: ImportSectionReader<'a>) -> Result<(), Failure> {
        for group in imports {
            let Imports::Single(_, import) = group? else {
                return Err(Failure("the module has compact imports".to_owned()));
            };
            let TypeRef::Func(kind) = import.ty else {
                return Err(Failure(format!("the import {} is no function", import.name)));
            };
            self.functions.push(kind);
            self.imports.push(import);
        }
        Ok(())
    }

    fn elements(&mut self, elements: ElementSectionReader<'a>) -> Result<(), Failure> {
        for element in elements {
            let element = element?;
            let (ElementKind::Active { table_index: None | Some(0), offset_expr }, ElementItems::Functions(functions)) =
                (element.kind, element.items)
            else {
                return Err(Failure("a table is filled in a way that is not understood".to_owned()));
            };
            let Operator::I32Const { value: slot } = offset_expr.get_operators_reader().read()? else {
                return Err(Failure("a table is filled from a place that is not constant".to_owned()));
            };
            self.elements.push((slot.cast_unsigned(), functions.into_iter().collect::<Result<_, _>>()?));
        }
        Ok(())
    }

    /// How many functions are imported.
    pub fn imported(&self) -> usize {
        self.imports.len()
    }

    /// A function's type.
    pub fn type_of(&self, function: u32) -> Result<(u32, &FuncType), Failure> {
        let index = self.functions.get(function as usize).copied();
        index
            .and_then(|index| Some((index, self.types.get(index as usize)?)))
            .ok_or_else(|| Failure(format!("there is no function {function}")))
    }

    /// The body of a function that is not imported.
    pub fn body(&self, function: u32) -> Option<&FunctionBody<'a>> {
        self.bodies.get((function as usize).checked_sub(self.imported())?)
    }

    /// The functions that a function calls directly. Other ways to name one are not understood.
    pub fn callees(&self, function: u32) -> Result<Vec<u32>, Failure> {
        let mut callees = Vec::new();
        let Some(body) = self.body(function) else { return Ok(callees) };
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } => callees.push(function_index),
                Operator::RefFunc { .. }
                | Operator::ReturnCall { .. }
                | Operator::MemoryInit { .. }
                | Operator::DataDrop { .. }
                | Operator::TableInit { .. }
                | Operator::ElemDrop { .. } => {
                    return Err(Failure(format!("function {function} uses what is not understood here")));
                }
                _ => {}
            }
        }
        Ok(callees)
    }
}

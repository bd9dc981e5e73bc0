//! Raw deflate with a dictionary: the window starts out holding a text that both sides know.

use crate::DecodeError;
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress_to_output, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress, inflate_flags};

/// Best compression, raw deflate, default strategy.
const LEVEL: i32 = 10;
const RAW: i32 = -15;

/// `data` deflated after `dictionary`.
pub fn compress(dictionary: &[u8], data: &[u8]) -> Vec<u8> {
    let mut state = CompressorOxide::new(create_comp_flags_from_zip_params(LEVEL, RAW, 0));
    // The dictionary goes through the compressor and ends on a byte's edge; what it gave is dropped, the window stays.
    feed(&mut state, dictionary, TDEFLFlush::Sync);
    feed(&mut state, data, TDEFLFlush::Finish)
}

fn feed(state: &mut CompressorOxide, mut data: &[u8], flush: TDEFLFlush) -> Vec<u8> {
    let mut out = Vec::new();
    loop {
        let (status, taken) = compress_to_output(state, data, flush, |part| {
            out.extend_from_slice(part);
            true
        });
        data = data.get(taken..).unwrap_or_default();
        if status != TDEFLStatus::Okay || data.is_empty() {
            return out;
        }
    }
}

/// What [`compress`] was given, at most `limit` bytes of it.
pub fn expand(dictionary: &[u8], data: &[u8], limit: usize) -> Result<Vec<u8>, DecodeError> {
    const STEP: usize = 16 << 10;
    let flags = inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
    let end = dictionary.len() + limit;
    let mut state = DecompressorOxide::new();
    let mut out = dictionary.to_vec();
    let mut filled = out.len();
    let mut rest = data;
    loop {
        out.resize((filled + STEP).min(end), 0);
        let (status, taken, given) = decompress(&mut state, rest, &mut out, filled, flags);
        rest = rest.get(taken..).unwrap_or_default();
        filled += given;
        match status {
            TINFLStatus::Done if rest.is_empty() => break,
            TINFLStatus::HasMoreOutput if filled < end => {}
            TINFLStatus::HasMoreOutput => return Err(DecodeError::TooLarge),
            TINFLStatus::NeedsMoreInput | TINFLStatus::FailedCannotMakeProgress => return Err(DecodeError::Truncated),
            _ => return Err(DecodeError::Corrupt),
        }
    }
    out.truncate(filled);
    Ok(out.split_off(dictionary.len()))
}

//! What a line says of a file: as the SDK has it after an upload, or as a page gives it in `body`.

use super::{
    super::{
        generation::Generation,
        message::{Api, Attachment, Origin, Size},
    },
    field::Fields,
    kind::Kind,
    refused::Refused,
};

/// Reads the file's keys.
///
/// Only an upload gives a `secret`, so a line with one means the outcome of an upload, and what
/// it leaves out is filled in as the SDK does. If the line also says how long the file is, its
/// values are those of the finished `body` and win over what the SDK would make of them, except
/// with `create()`, which takes no `body`.
pub(super) fn read(
    generation: Generation,
    api: Api,
    kind: Kind,
    fields: &Fields<'_>,
) -> Result<Attachment, Refused> {
    let (width, height) = (fields.number("width")?, fields.number("height")?);
    let file = Attachment {
        origin: Origin::Given,
        url: fields.text("url")?,
        secret: fields.text("secret")?,
        filename: fields.text("filename")?,
        file_length: fields.number("file_length")?,
        size: (width.is_some() || height.is_some()).then_some(Size { width, height }),
        length: fields.number("length")?,
    };
    if file.secret.is_none() {
        return Ok(file);
    }
    let finished = file.file_length.is_some() && api == Api::Old;
    if !finished || generation == Generation::V4_21_1 {
        return Ok(Attachment { origin: Origin::Upload, ..file });
    }
    let sized = matches!(kind, Kind::Image | Kind::File);
    let size = file.size.unwrap_or_default();
    Ok(Attachment {
        size: sized.then_some(Size { width: size.width.or(Some(0.0)), height: size.height.or(Some(0.0)) }),
        length: file.length.or(Some(0.0)),
        ..file
    })
}

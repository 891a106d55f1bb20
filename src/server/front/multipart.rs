//! The part of a multipart body that is a file.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use multer::Multipart;

use crate::server::world::Upload;

/// Bytes of a multipart body around the file itself: boundaries and headers.
pub(super) const ENVELOPE: usize = 16 * 1024;
/// The part that every SDK sends a file in.
const PART: &str = "file";
/// Longest media type that is kept, bytes.
const LONGEST_TYPE: usize = 255;
/// What a browser says of a file that it knows nothing of.
const UNKNOWN_TYPE: &str = "application/octet-stream";

/// Whether a request's body is a form with parts.
pub(super) fn is_form(content_type: &str) -> bool {
    content_type.get(..FORM.len()).is_some_and(|start| start.eq_ignore_ascii_case(FORM))
}

const FORM: &str = "multipart/form-data";

/// The file in a whole body; `None` if no part is called `file`.
///
/// # Errors
/// The body is not what its content type says.
pub(super) async fn file(content_type: &str, body: Bytes) -> Result<Option<Upload>, multer::Error> {
    let boundary = multer::parse_boundary(content_type)?;
    let whole = stream::iter([Ok::<_, Infallible>(body)]);
    let mut parts = Multipart::new(whole, boundary);
    while let Some(part) = parts.next_field().await? {
        if part.name() == Some(PART) {
            let name = part.file_name().map(unescaped).unwrap_or_default();
            let said = part.content_type().map(ToString::to_string);
            let content_type = said.filter(|said| said.len() <= LONGEST_TYPE);
            let content_type = content_type.unwrap_or_else(|| UNKNOWN_TYPE.to_owned());
            return Ok(Some(Upload { name, content_type, bytes: part.bytes().await? }));
        }
    }
    Ok(None)
}

/// Browsers escape three characters of a file's name, and no others, not even the percent sign.
fn unescaped(name: &str) -> String {
    name.replace("%22", "\"").replace("%0D", "\r").replace("%0A", "\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FORM_TYPE: &str = "multipart/form-data; boundary=----WebKitFormBoundaryXXXXXXXXXXXXXXXX";

    #[tokio::test]
    async fn the_body_that_a_browser_sends_is_read() {
        let body = "------WebKitFormBoundaryXXXXXXXXXXXXXXXX\r\n\
                    Content-Disposition: form-data; name=\"file\"; filename=\"图 %221%22.png\"\r\n\
                    Content-Type: image/png\r\n\r\n\u{1}PNG\r\n\r\n\
                    ------WebKitFormBoundaryXXXXXXXXXXXXXXXX--\r\n";
        let file = file(FORM_TYPE, body.into()).await.unwrap().unwrap();
        assert_eq!((&*file.name, &*file.content_type), ("图 \"1\".png", "image/png"));
        assert_eq!(file.bytes, "\u{1}PNG\r\n");
    }

    #[tokio::test]
    async fn a_form_without_a_file_and_a_broken_form_are_told_apart() {
        let other = "------WebKitFormBoundaryXXXXXXXXXXXXXXXX\r\n\
                     Content-Disposition: form-data; name=\"other\"\r\n\r\nx\r\n\
                     ------WebKitFormBoundaryXXXXXXXXXXXXXXXX--\r\n";
        assert!(file(FORM_TYPE, other.into()).await.unwrap().is_none());
        assert!(file(FORM_TYPE, other[..90].to_owned().into()).await.is_err());
        assert!(file("multipart/form-data", other.into()).await.is_err());
        assert!(is_form("Multipart/Form-Data; boundary=x") && !is_form("application/json") && !is_form("图"));
    }

    #[tokio::test]
    async fn a_media_type_without_end_is_not_kept() {
        let endless = format!("image/png; x={}", "y".repeat(300));
        let body = format!(
            "------WebKitFormBoundaryXXXXXXXXXXXXXXXX\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\
             Content-Type: {endless}\r\n\r\nx\r\n------WebKitFormBoundaryXXXXXXXXXXXXXXXX--\r\n"
        );
        assert_eq!(file(FORM_TYPE, body.into()).await.unwrap().unwrap().content_type, UNKNOWN_TYPE);
    }

    proptest! {
        #[test]
        fn no_body_is_a_panic(body in r#"(--B\r\n|--B--|\r\n|Content-(Type|Disposition): |form-data; name="file"|;|[a-z "=]){0,30}"#) {
            let read = file("multipart/form-data; boundary=B", body.into());
            // What comes of it is not the point.
            let _ = tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(read);
        }
    }
}

//! The content of a message, and the attachment URLs that the page gets.

use super::{Attachments, Page};
use crate::protocol::{
    event::{self, Attachment, Content, ScriptError},
    generation::Generation,
    message::Location,
    schema::{
        KeyValue,
        message_body::{self, content::Type},
    },
};

/// Where the SDK begins to look for the path in a URL: behind `https://` and one letter.
const PATH_SEARCH_START: usize = 9;
/// What hosted attachments are asked for with.
const REDIRECT: &str = "?em-redirect=true";

/// Reads the contents of one body.
///
/// All custom contents of a body show the pairs of its first content, and 3.6.3 shows an image
/// without a size with the size of the image before it: both are slips of the SDK.
pub(super) struct Reader<'a> {
    page: &'a Page,
    exts: Vec<KeyValue>,
    params: Vec<KeyValue>,
    size: Option<(f64, f64)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(page: &'a Page, contents: &[message_body::Content]) -> Self {
        let first = contents.first();
        let pairs =
            |of: fn(&message_body::Content) -> &Vec<KeyValue>| first.map(of).cloned().unwrap_or_default();
        Self {
            page,
            exts: pairs(|first| &first.custom_exts),
            params: pairs(|first| &first.params),
            size: None,
        }
    }

    /// `None` for a kind that the generation does not know.
    pub(super) fn read(&mut self, content: message_body::Content) -> Result<Option<Content>, ScriptError> {
        let is_latest = self.page.generation == Generation::V4_21_1;
        Ok(Some(match Type::try_from(content.r#type.unwrap_or_default()) {
            Ok(Type::Text) if is_latest && content.sub_type == Some(0) => self.combined(content),
            Ok(Type::Text) => Content::Text(content.text.unwrap_or_default()),
            Ok(Type::Image) => Content::Image(Box::new(self.image(content))),
            Ok(Type::Video) => Content::Video(Box::new(self.attachment(content))),
            Ok(Type::Voice) => Content::Audio(Box::new(self.attachment(content))),
            Ok(Type::File) => Content::File(Box::new(self.attachment(content))),
            Ok(Type::Location) => Content::Location(Box::new(Location {
                address: content.address,
                latitude: content.latitude,
                longitude: content.longitude,
                building: content.building_name,
            })),
            Ok(Type::Command) => Content::Command(content.action.unwrap_or_default()),
            Ok(Type::Custom) => Content::Custom {
                event: content.custom_event.unwrap_or_default(),
                exts: event::ext(&self.exts)?,
                params: event::ext(&self.params)?,
            },
            Ok(Type::Combine) if is_latest => self.combined(content),
            Ok(Type::Combine) | Err(_) => return Ok(None),
        }))
    }

    fn image(&mut self, content: message_body::Content) -> Attachment {
        let own_upload = self.page.attachments == Attachments::OwnUpload;
        let size = content.size.map(|size| (side(size.width), side(size.height)));
        let is_gif = self.page.generation == Generation::V4_21_1 && content.sub_type == Some(1);
        let mut image = self.attachment(content);
        if self.page.generation == Generation::V3_6_3 {
            self.size = size.or(self.size);
            image.size = self.size;
        } else {
            image.size = Some(size.unwrap_or_default());
            image.thumbnail =
                if own_upload { String::new() } else { format!("{}&thumbnail=true", image.url) };
            image.thumbnail_secret.clone_from(&image.secret);
        }
        image.is_gif = is_gif;
        image
    }

    fn attachment(&self, content: message_body::Content) -> Attachment {
        let secret = content.secret_key.unwrap_or_default();
        let thumbnail = content.thumbnail_remote_path.unwrap_or_default();
        Attachment {
            url: self.url(content.remote_path.as_deref().unwrap_or_default(), &secret),
            secret,
            filename: content.display_name.unwrap_or_default(),
            file_length: content.file_length.unwrap_or_default(),
            duration: content.duration.unwrap_or_default(),
            size: None,
            thumbnail: match self.page.generation {
                Generation::V3_6_3 | Generation::V4_0_8 => thumbnail,
                Generation::V4_21_1 => self.hosted(&thumbnail),
            },
            thumbnail_secret: content.thumbnail_secret_key.unwrap_or_default(),
            is_gif: false,
        }
    }

    fn combined(&self, mut content: message_body::Content) -> Content {
        let (title, summary) = (content.title.take(), content.summary.take());
        let (text, level) = (content.text.take(), content.combine_level);
        let path = content.remote_path.take().unwrap_or_default();
        let mut attachment = self.attachment(content);
        // This kind is always hosted.
        attachment.url = self.later_url(&path, &attachment.secret);
        Content::Combined {
            attachment: Box::new(attachment),
            title: title.unwrap_or_default(),
            summary: summary.unwrap_or_default(),
            compatible_text: text.unwrap_or_default(),
            level: level.unwrap_or_default(),
        }
    }

    /// Where the page gets a file.
    fn url(&self, path: &str, secret: &str) -> String {
        let own_upload = self.page.attachments == Attachments::OwnUpload;
        match self.page.generation {
            Generation::V4_0_8 | Generation::V4_21_1 if own_upload => path.to_owned(),
            // The secret is added even where nothing separates it from the path.
            Generation::V3_6_3 if own_upload => with_secret(path.to_owned(), secret),
            Generation::V3_6_3 | Generation::V4_0_8 => {
                with_secret(format!("{}{REDIRECT}", self.hosted(path)), secret)
            }
            Generation::V4_21_1 => self.later_url(path, secret),
        }
    }

    /// 4.21.1 leaves complete URLs complete, and absent ones empty.
    fn later_url(&self, path: &str, secret: &str) -> String {
        if path.is_empty() || path.contains("?em-redirect") {
            return self.hosted(path);
        }
        with_secret(format!("{}{REDIRECT}", self.hosted(path)), secret)
    }

    /// Puts the REST address in the place of a URL's host; empty stays empty.
    fn hosted(&self, url: &str) -> String {
        if url.is_empty() { String::new() } else { format!("{}{}", self.page.api_url, path_of(url)) }
    }
}

/// JavaScript's `url.substr(url.indexOf("/", 9))`: without a slash there, the last character.
fn path_of(url: &str) -> &str {
    let mut units = 0;
    for (offset, character) in url.char_indices() {
        if units >= PATH_SEARCH_START && character == '/' {
            return &url[offset..];
        }
        units += character.len_utf16();
    }
    url.char_indices().next_back().map_or("", |(offset, _)| &url[offset..])
}

fn with_secret(url: String, secret: &str) -> String {
    if secret.is_empty() { url } else { format!("{url}&share-secret={secret}") }
}

/// JavaScript's `side || 0`.
fn side(side: Option<f64>) -> f64 {
    side.filter(|side| !side.is_nan()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::path_of;

    #[test]
    fn a_path_begins_at_the_first_slash_behind_the_scheme() {
        assert_eq!(path_of("https://a1.easemob.com/x/y"), "/x/y");
        assert_eq!(path_of("/easemob-demo/chatdemoui/chatfiles/u"), "/chatdemoui/chatfiles/u");
        assert_eq!(path_of("https://host"), "t");
        assert_eq!(path_of(""), "");
    }
}

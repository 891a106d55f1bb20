//! The one Content of a message: which fields each type writes, and in which generation.

use prost::Message;

use super::Sender;
use crate::protocol::{
    ext::{self, Ext, ExtValue},
    generation::Generation,
    js,
    message::{Api, Attachment, Body, Location, Origin, Outgoing, Size},
    schema::message_body::{Content, content},
};

/// The two int32 fields as JavaScript coerces numbers into them: up to 64 bits on the wire.
#[derive(Clone, PartialEq, Message)]
struct Numbers {
    #[prost(uint64, optional, tag = "9")]
    file_length: Option<u64>,
    #[prost(uint64, optional, tag = "12")]
    duration: Option<u64>,
}

/// The bytes of the Content; receipts and recalls have an empty one.
pub(super) fn encode(sender: &Sender, outgoing: &Outgoing) -> Vec<u8> {
    let generation = sender.generation;
    let content = match &outgoing.body {
        Body::Text(text) => Content { text: text.clone(), ..of(content::Type::Text) },
        Body::Location(location) => place(generation, location),
        Body::Command(action) => Content { action: action.clone(), ..of(content::Type::Command) },
        Body::Custom { event, exts } => Content {
            custom_event: event.clone(),
            custom_exts: ext::key_values(generation, exts),
            ..of(content::Type::Custom)
        },
        Body::Image(file) if file.origin == Origin::Given && outgoing.api == Api::New => {
            return linked_image(generation, file);
        }
        Body::Image(file) => {
            let file = Attachment { length: None, ..uploaded(generation, &outgoing.ext, file) };
            return attachment(content::Type::Image, &file, None);
        }
        Body::File(file) => {
            let mut file = Attachment { length: None, ..uploaded(generation, &outgoing.ext, file) };
            match (generation, file.origin) {
                (Generation::V4_21_1, _) => file.size = None,
                // No SDK call takes the size of a file, so the upload writes zeros.
                (_, Origin::Upload) => file.size = Some(filled(None)),
                (_, Origin::Given) => {}
            }
            return attachment(content::Type::File, &file, None);
        }
        Body::Audio(file) => {
            let file = Attachment { size: None, ..uploaded(generation, &outgoing.ext, file) };
            return attachment(content::Type::Voice, &file, None);
        }
        Body::Video(file) => {
            let file = Attachment { size: None, ..uploaded(generation, &outgoing.ext, file) };
            let first_frame = (generation == Generation::V4_21_1).then(|| FirstFrame {
                // The SDK joins the texts even where there is no URL.
                url: format!("{}?vframe=true", file.url.as_deref().unwrap_or("undefined")),
                secret: file.secret.clone(),
            });
            return attachment(content::Type::Video, &file, first_frame);
        }
        Body::Read { .. } | Body::Delivery { .. } | Body::Channel | Body::Recall { .. } => Content::default(),
    };
    content.encode_to_vec()
}

/// Where a server cuts the first frame out of a video.
struct FirstFrame {
    url: String,
    secret: Option<String>,
}

fn of(kind: content::Type) -> Content {
    Content { r#type: Some(kind.into()), ..Content::default() }
}

fn place(generation: Generation, location: &Location) -> Content {
    let building = location.building.clone().filter(|_| generation != Generation::V3_6_3);
    Content {
        latitude: location.latitude,
        longitude: location.longitude,
        address: location.address.clone(),
        building_name: building,
        ..of(content::Type::Location)
    }
}

/// The values of an attachment, filled in as the SDK does it after an upload.
fn uploaded(generation: Generation, ext: &Ext, file: &Attachment) -> Attachment {
    let file = file.clone();
    match file.origin {
        Origin::Given => file,
        Origin::Upload => Attachment {
            file_length: Some(
                match generation {
                    // These take the page's word, in the ext, and never look at the file.
                    Generation::V3_6_3 | Generation::V4_0_8 => length_in(ext),
                    Generation::V4_21_1 => file.file_length.or_else(|| length_in(ext)),
                }
                .unwrap_or(0.0),
            ),
            length: Some(file.length.unwrap_or(0.0)),
            size: Some(filled(file.size)),
            ..file
        },
    }
}

/// `ext.file_length` as a number.
fn length_in(ext: &Ext) -> Option<f64> {
    match &ext.iter().find(|(key, _)| key == "file_length")?.1 {
        ExtValue::Number(length) => Some(*length),
        ExtValue::Text(text) => Some(js::number_of(text)),
        ExtValue::Bool(value) => Some(f64::from(u8::from(*value))),
        ExtValue::Json(_) | ExtValue::Undefined => None,
    }
}

/// A size with zeros for what is unknown.
fn filled(size: Option<Size>) -> Size {
    let Size { width, height } = size.unwrap_or_default();
    Size { width: Some(width.unwrap_or(0.0)), height: Some(height.unwrap_or(0.0)) }
}

/// `create({type: "img", url, …})`: 4.0.8 sends only the URL, 4.21.1 also what the page measured.
fn linked_image(generation: Generation, file: &Attachment) -> Vec<u8> {
    let url = Attachment { url: file.url.clone(), ..Attachment::default() };
    let known = match generation {
        Generation::V3_6_3 | Generation::V4_0_8 => url,
        Generation::V4_21_1 => {
            Attachment { file_length: file.file_length, size: Some(filled(file.size)), ..url }
        }
    };
    attachment(content::Type::Image, &known, None)
}

/// Fields in ascending order: those below 9, the two numbers, those above 12.
fn attachment(kind: content::Type, file: &Attachment, first_frame: Option<FirstFrame>) -> Vec<u8> {
    let below = Content {
        display_name: file.filename.clone(),
        remote_path: file.url.clone(),
        secret_key: file.secret.clone(),
        ..of(kind)
    };
    let numbers = Numbers {
        file_length: file.file_length.map(js::int32_varint),
        duration: file.length.map(js::int32_varint),
    };
    let (thumbnail, thumbnail_secret) =
        first_frame.map_or((None, None), |frame| (Some(frame.url), frame.secret));
    let size = file.size.map(|Size { width, height }| content::Size { width, height });
    let above = Content {
        size,
        thumbnail_remote_path: thumbnail,
        thumbnail_secret_key: thumbnail_secret,
        thumbnail_display_name: file.filename.clone(),
        ..Content::default()
    };
    [below.encode_to_vec(), numbers.encode_to_vec(), above.encode_to_vec()].concat()
}

//! `/chatfiles`: attachments go up, and come down to whoever knows their share-secret.

use serde_json::json;

use super::{
    call::{Call, Caller, Reply},
    error::RestError,
};
use crate::server::world::{
    attachment::{Access, Bounds, Shared, StoredFile, Upload},
    fault::Fault,
};

/// Images up to this many bytes are their own thumbnails.
const SMALL_IMAGE: usize = 10 * 1024;
/// Longest side of a thumbnail that an upload may ask for, pixels.
const LARGEST_THUMBNAIL: u32 = 1024;

/// What a call says about files, in its headers and its multipart body.
#[derive(Clone, Debug, Default)]
pub struct Attachment {
    /// The part `file` of a multipart body.
    pub upload: Option<Upload>,
    /// `restrict-access`.
    pub access: Access,
    /// `thumbnail-width` and `thumbnail-height`.
    pub bounds: Bounds,
    /// `share-secret`.
    pub share_secret: Option<crate::protocol::secret::Secret>,
    /// `thumbnail`.
    pub rendition: Rendition,
}

/// Which form of a file is wanted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Rendition {
    /// The file as it was uploaded.
    #[default]
    Original,
    /// A small picture of it.
    Thumbnail,
}

/// Takes an attachment in: where it is and its share-secret.
pub(super) fn upload(call: &mut Call<'_>) -> Result<Reply, RestError> {
    let file = call.take_file(None)?;
    let (id, secret) = (file.id.as_str().to_owned(), file.secret.clone());
    let secret = Some(secret).filter(|_| !call.world.faults.strikes(Fault::NoSecret));
    let entity = json!({"uuid": id, "type": "chatfile", "share-secret": secret.as_ref().map(|secret| secret.reveal())});
    Ok(Reply::entities(vec![entity]))
}

/// Hands an attachment out.
pub(super) fn download(call: &mut Call<'_>) -> Result<Reply, RestError> {
    call.must_serve_files()?;
    let id = call.parameter(0);
    let file = call
        .world
        .files
        .find(id)
        .filter(|file| file.shared.is_none())
        .ok_or_else(|| RestError::NoSuchFile { id: id.to_owned() })?;
    if file.access == Access::Restricted && call.caller != Caller::App {
        let queried = call.queried("share-secret");
        let header = call.attachment.share_secret.as_ref().map(|secret| secret.reveal());
        if ![header, queried.as_deref()].contains(&Some(file.secret.reveal()))
            && !call.world.faults.strikes(Fault::SecretUnchecked)
        {
            return Err(RestError::NoShareSecret);
        }
    }
    Ok(call.hand_out(file))
}

impl Call<'_> {
    /// Lets pass if the app has the file service.
    pub(super) fn must_serve_files(&self) -> Result<(), RestError> {
        if self.world.settings.services.files {
            Ok(())
        } else {
            Err(RestError::Forbidden("service not open!".to_owned()))
        }
    }

    /// Keeps the file of a multipart body.
    ///
    /// # Errors
    /// There is none, it is not allowed, or the service is closed.
    pub(super) fn take_file(&mut self, shared: Option<Shared>) -> Result<&StoredFile, RestError> {
        self.must_serve_files()?;
        let Some(upload) = &self.attachment.upload else {
            return Err(RestError::UnsupportedMediaType);
        };
        let limit = self.world.settings.limits.file_bytes;
        if upload.bytes.len() > limit {
            return Err(RestError::TooLarge { limit });
        }
        if self.world.settings.is_improper(upload) {
            return Err(RestError::ContentImproper);
        }
        let bounds = self.attachment.bounds;
        let bounds = Bounds {
            width: bounds.width.clamp(1, LARGEST_THUMBNAIL),
            height: bounds.height.clamp(1, LARGEST_THUMBNAIL),
        };
        let world = &mut *self.world;
        Ok(world.files.keep(&mut world.random, self.now, upload, self.attachment.access, bounds, shared))
    }

    /// The answer that is a file, or its thumbnail where one is asked for and can be made.
    pub(super) fn hand_out(&self, file: &StoredFile) -> Reply {
        let wanted = self.attachment.rendition == Rendition::Thumbnail
            || self.queried("thumbnail").is_some_and(|value| value == "true");
        let is_large_image = file.content_type.starts_with("image/") && file.bytes.len() > SMALL_IMAGE;
        Reply::File {
            bytes: self.world.faults.download(&file.bytes),
            content_type: file.content_type.clone(),
            thumbnail: (wanted && is_large_image).then_some(file.thumbnail),
        }
    }
}

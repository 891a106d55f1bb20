//! Small pictures of images, made when they are asked for.

use std::io::Cursor;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, ImageReader, Limits};
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::server::world::Bounds;

/// Images that are scaled at once: each may take [`MOST_MEMORY`].
static SCALING: Semaphore = Semaphore::const_new(2);
/// Longest side of an image that is scaled, pixels.
const LONGEST_SIDE: u32 = 16_384;
/// Bytes that the pixels of one image may take.
const MOST_MEMORY: u64 = 128 * 1024 * 1024;

/// A picture.
pub(super) struct Picture {
    pub(super) bytes: Bytes,
    pub(super) content_type: &'static str,
}

/// The image, scaled into a box; `None` if it is no image that can be read, or fits as it is.
pub(super) async fn of(image: Bytes, bounds: Bounds) -> Option<Picture> {
    let _turn = SCALING.acquire().await.ok()?;
    spawn_blocking(move || scaled(&image, bounds)).await.ok().flatten()
}

fn scaled(image: &[u8], bounds: Bounds) -> Option<Picture> {
    let mut reader = ImageReader::new(Cursor::new(image)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_MEMORY);
    reader.limits(limits);
    // What may be transparent stays so.
    let (format, content_type) = match reader.format()? {
        ImageFormat::Jpeg => (ImageFormat::Jpeg, "image/jpeg"),
        _ => (ImageFormat::Png, "image/png"),
    };
    let decoded = reader.decode().ok()?;
    if decoded.width() <= bounds.width && decoded.height() <= bounds.height {
        return None;
    }
    let small = decoded.thumbnail(bounds.width, bounds.height);
    let small = if format == ImageFormat::Jpeg { DynamicImage::from(small.to_rgb8()) } else { small };
    let mut bytes = Cursor::new(Vec::new());
    small.write_to(&mut bytes, format).ok()?;
    Some(Picture { bytes: bytes.into_inner().into(), content_type })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn images_of_every_kind_are_scaled_into_the_box_and_keep_their_shape() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Gif, ImageFormat::Bmp] {
            let picture = scaled(&encoded(400, 200, format), Bounds { width: 170, height: 170 }).unwrap();
            let small = image::load_from_memory(&picture.bytes).unwrap();
            assert_eq!((small.width(), small.height()), (170, 85), "{format:?}");
        }
    }

    #[test]
    fn what_fits_or_is_no_image_stays_as_it_is() {
        let bounds = Bounds { width: 170, height: 170 };
        assert!(scaled(&encoded(170, 17, ImageFormat::Png), bounds).is_none());
        assert!(scaled(b"<html>", bounds).is_none());
        assert!(scaled(&encoded(300, 300, ImageFormat::Png)[..100], bounds).is_none());
    }

    #[test]
    fn an_image_that_would_fill_the_memory_is_not_unpacked() {
        let mut bomb = encoded(300, 300, ImageFormat::Bmp);
        // Width and height of a BMP, little-endian.
        bomb[18..22].copy_from_slice(&16_000_i32.to_le_bytes());
        bomb[22..26].copy_from_slice(&16_000_i32.to_le_bytes());
        assert!(scaled(&bomb, Bounds { width: 170, height: 170 }).is_none());
    }
}

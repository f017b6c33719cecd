//! Folders of JPEG and PNG images: a folder per class, or `train/`, `val/` and `test/`
//! folders that hold them.
//!
//! All images become the same size (by area, so that fine patterns do not alias) and,
//! if any is in colour, three channels. The size is the one asked for, or the first
//! image's own if that is small, or 32 × 32.

mod decode;
mod resize;

use super::files::{Entry, Files};
use super::{Array, Content, Parts, Reading};
use crate::error::DataError;
use crate::parallel;
use crate::schema::Image;
use crate::storage::{Layout, Storage};
use crate::table::{Cells, Column};
use decode::Pixels;

/// Height and width where nothing else says them.
const USUAL: (usize, usize) = (32, 32);
/// Images that are at most this high and wide keep their size.
const SMALL: usize = 64;

/// Names of folders that hold a part of a data set.
const TRAIN: [&str; 2] = ["train", "training"];
const VALIDATION: [&str; 3] = ["val", "validation", "valid"];
const TEST: [&str; 2] = ["test", "testing"];

/// Reads a folder or archive of images, if it is one.
pub(crate) fn read(files: &Files, reading: &Reading) -> Result<Option<Parts>, DataError> {
    let images: Vec<&Entry> = files.entries().iter().filter(|e| is_image(&e.path)).collect();
    let Some(first) = images.first() else { return Ok(None) };
    let size = match reading.image_size {
        Some(size) => size,
        None => own_size(&files.name, first)?,
    };
    let part = |names: &[&str]| -> Vec<&Entry> {
        let is_part = |e: &&&Entry| e.path.split_once('/').is_some_and(|(p, _)| names.contains(&p));
        images.iter().filter(is_part).copied().collect()
    };
    let read = |part: &[&Entry], prefixed| Part { files, reading, size, prefixed }.read(part);
    let (train, validation, test) = (part(&TRAIN), part(&VALIDATION), part(&TEST));
    if train.is_empty() {
        return Ok(Some(read(&images, false)?.into()));
    }
    let own = |part: Vec<&Entry>| match part.is_empty() {
        true => Ok(None),
        false => read(&part, true).map(Some),
    };
    let main = read(&train, true)?;
    Ok(Some(Parts { main, validation: own(validation)?, test: own(test)? }.with_equal_channels()))
}

fn is_image(path: &str) -> bool {
    let lower = path.to_lowercase();
    [".jpg", ".jpeg", ".png"].iter().any(|extension| lower.ends_with(extension))
}

fn own_size(name: &str, first: &Entry) -> Result<(usize, usize), DataError> {
    let pixels = decode(name, first)?;
    let (height, width) = (pixels.height, pixels.width);
    Ok(if height.max(width) <= SMALL { (height, width) } else { USUAL })
}

fn decode(name: &str, entry: &Entry) -> Result<Pixels, DataError> {
    let wrap = |reason| DataError::format(&format!("{name}/{}", entry.path), reason);
    decode::decode(&entry.read()?).map_err(wrap)
}

/// How the images of one part are read.
struct Part<'a> {
    files: &'a Files,
    reading: &'a Reading,
    size: (usize, usize),
    /// Whether paths start with the part's own folder.
    prefixed: bool,
}

impl Part<'_> {
    fn read(&self, entries: &[&Entry]) -> Result<Content, DataError> {
        let columns = self.labels(entries)?;
        let images = self.decode_all(entries)?;
        let colour = images.iter().any(|image| image.channels == 3);
        let channels = self.reading.channels.unwrap_or(if colour { 3 } else { 1 });
        let (height, width) = self.size;
        let image = Image { channels, height, width };
        let bytes: Vec<u8> =
            images.into_iter().flat_map(|i| i.in_channels(channels).bytes).collect();
        let layout = Layout { offset: 0, stride: image.columns(), rows: entries.len() };
        let storage = Storage::bytes(&self.files.name, bytes, layout, image.columns())?;
        let (array, target) = (Some(Array { storage, image: Some(image) }), vec!["label".into()]);
        Ok(Content { file: self.files.name.clone(), columns, array, target })
    }

    /// The images in the wanted size, each in its own channels.
    fn decode_all(&self, entries: &[&Entry]) -> Result<Vec<Pixels>, DataError> {
        let mut slots: Vec<Option<Result<Pixels, DataError>>> =
            entries.iter().map(|_| None).collect();
        let jobs = slots.iter_mut().zip(entries);
        parallel::for_each(
            jobs,
            || (),
            |(slot, entry), ()| {
                let decoded = decode(&self.files.name, entry);
                *slot = Some(decoded.map(|pixels| resize::resize(pixels, self.size)));
            },
        );
        slots.into_iter().flatten().collect()
    }

    /// The class of each image is the folder that it lies in. Without labels there is
    /// no column.
    fn labels(&self, entries: &[&Entry]) -> Result<Vec<Column>, DataError> {
        let class = |entry: &&Entry| {
            let mut folders = entry.path.split('/').skip(usize::from(self.prefixed));
            let class = folders.next().filter(|_| folders.next().is_some());
            class.map(String::from).ok_or_else(|| {
                let reason = format!("{} lies in no class folder", entry.path);
                DataError::format(&self.files.name, reason)
            })
        };
        let classes: Vec<String> = match entries.iter().map(class).collect() {
            Ok(classes) => classes,
            Err(error) if self.reading.labelled => return Err(error),
            Err(_) => return Ok(Vec::new()),
        };
        let mut values = classes.clone();
        values.sort();
        values.dedup();
        let code = |class| values.binary_search(class).map_or(0, |code| code as u32);
        let codes = classes.iter().map(code).collect();
        Ok(vec![Column { name: "label".into(), cells: Cells::Texts { codes, values } }])
    }
}

impl Parts {
    /// Grey validation images beside colour training images become colour, and the
    /// other way round.
    fn with_equal_channels(mut self) -> Self {
        let parts = || [Some(&self.main), self.validation.as_ref(), self.test.as_ref()];
        let images = parts().into_iter().flatten().filter_map(|c| c.array.as_ref()?.image);
        let most = images.map(|image| image.channels).max().unwrap_or(1);
        let others = [Some(&mut self.main), self.validation.as_mut(), self.test.as_mut()];
        for content in others.into_iter().flatten() {
            content.widen(most);
        }
        self
    }
}

impl Content {
    fn widen(&mut self, channels: usize) {
        let Some(array) = &mut self.array else { return };
        let Some(image) = array.image.filter(|image| image.channels == 1 && channels == 3) else {
            return;
        };
        array.storage = array.storage.repeated(channels);
        array.image = Some(Image { channels, ..image });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PNG of one colour.
    fn png(color: png::ColorType, size: u32, bytes: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, size, size);
        encoder.set_color(color);
        encoder.set_depth(png::BitDepth::Eight);
        let pixels = bytes.repeat((size * size) as usize);
        encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
        file
    }

    fn folder(images: &[(&str, Vec<u8>)]) -> (tempfile::TempDir, Files) {
        let folder = tempfile::tempdir().unwrap();
        for (name, bytes) in images {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        let files = Files::of_folder(folder.path()).unwrap();
        (folder, files)
    }

    fn grey(level: u8) -> Vec<u8> {
        png(png::ColorType::Grayscale, 4, &[level])
    }

    fn labelled() -> Reading {
        Reading { labelled: true, ..Reading::default() }
    }

    fn row(content: &Content, row: usize) -> Vec<f32> {
        let storage = &content.array.as_ref().unwrap().storage;
        let mut values = vec![0.0; storage.columns()];
        storage.copy_row(row, None, &mut values);
        values
    }

    #[test]
    fn folders_are_classes_and_grey_becomes_colour() {
        let red = png(png::ColorType::Rgba, 4, &[255, 1, 2, 0]);
        let (_folder, files) = folder(&[("dog/1.png", red), ("cat/1.PNG", grey(9))]);
        let content = read(&files, &labelled()).unwrap().unwrap().main;
        assert_eq!((content.rows(), row(&content, 0)), (2, vec![9.0; 48]));
        assert_eq!(row(&content, 1)[15..17], [255.0, 1.0]);
        let Cells::Texts { codes, values } = &content.columns[0].cells else { panic!() };
        assert_eq!((codes.as_slice(), values.join(" ")), (&[0, 1][..], "cat dog".into()));
    }

    #[test]
    fn parts_have_their_folders() {
        let colour = png(png::ColorType::Rgb, 4, &[1, 2, 3]);
        let (_folder, files) = folder(&[
            ("train/a/1.png", grey(1)),
            ("train/b/1.png", grey(2)),
            ("val/a/1.png", colour),
        ]);
        let parts = read(&files, &labelled()).unwrap().unwrap();
        assert_eq!((parts.main.rows(), row(&parts.main, 1)), (2, vec![2.0; 48]));
        assert_eq!(parts.validation.unwrap().rows(), 1);
        assert!(parts.test.is_none());
    }

    #[test]
    fn sizes_are_made_equal() {
        let (_folder, files) = folder(&[("a/1.png", png(png::ColorType::Grayscale, 100, &[7]))]);
        assert_eq!(row(&read(&files, &labelled()).unwrap().unwrap().main, 0), vec![7.0; 1024]);
        let reading = Reading { image_size: Some((2, 3)), channels: Some(3), ..labelled() };
        assert_eq!(row(&read(&files, &reading).unwrap().unwrap().main, 0), vec![7.0; 18]);
    }

    #[test]
    fn images_without_class_serve_for_predicting_alone() {
        let (_folder, files) = folder(&[("1.png", grey(1)), ("2.png", grey(2))]);
        assert!(read(&files, &labelled()).unwrap_err().to_string().contains("no class folder"));
        assert_eq!(read(&files, &Reading::default()).unwrap().unwrap().main.rows(), 2);
    }

    #[test]
    fn damaged_images_are_named() {
        let mut short = grey(1);
        short.truncate(40);
        let (_folder, files) = folder(&[("a/ok.png", grey(1)), ("b/bad.png", short)]);
        let error = read(&files, &labelled()).unwrap_err().to_string();
        assert!(error.contains("b/bad.png"), "{error}");
    }
}

//! Data sets that are known by name: where they are found and where they come from.

use std::env;
use std::path::PathBuf;

/// A public data set that is too large to be part of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its name in `data.source`.
    pub name: &'static str,
    /// What it is, in one line.
    pub about: &'static str,
    /// Where its files lie, ending in `/`.
    pub url: &'static str,
    /// Its files.
    pub files: &'static [Remote],
    /// Names under which it may already lie in a data folder.
    pub also: &'static [&'static str],
}

/// A file of a known data set, as its authors published it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remote {
    /// Its name.
    pub name: &'static str,
    /// Its size in bytes.
    pub size: u64,
    /// Its MD5 sum in hexadecimal: the one that the authors publish. It guards
    /// against damage on the way; the transport guards against forgery.
    pub md5: &'static str,
}

/// All of them.
pub const KNOWN: [Known; 4] = [
    Known {
        name: "mnist",
        about: "handwritten digits: 60,000 + 10,000 grey images of 28 × 28, 10 classes",
        url: "https://storage.googleapis.com/cvdf-datasets/mnist/",
        files: &[
            Remote {
                name: "train-images-idx3-ubyte.gz",
                size: 9_912_422,
                md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            },
            Remote {
                name: "train-labels-idx1-ubyte.gz",
                size: 28_881,
                md5: "d53e105ee54ea40749a09fcbcd1e9432",
            },
            Remote {
                name: "t10k-images-idx3-ubyte.gz",
                size: 1_648_877,
                md5: "9fb629c4189551a2d022fa330f9573f3",
            },
            Remote {
                name: "t10k-labels-idx1-ubyte.gz",
                size: 4_542,
                md5: "ec29112dd5afa0611ce80d1b7f02629c",
            },
        ],
        also: &[],
    },
    Known {
        name: "fashion-mnist",
        about: "articles of clothing: 60,000 + 10,000 grey images of 28 × 28, 10 classes",
        url: "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        files: &[
            Remote {
                name: "train-images-idx3-ubyte.gz",
                size: 26_421_880,
                md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            },
            Remote {
                name: "train-labels-idx1-ubyte.gz",
                size: 29_515,
                md5: "25c81989df183df01b3e8a0aad5dffbe",
            },
            Remote {
                name: "t10k-images-idx3-ubyte.gz",
                size: 4_422_102,
                md5: "bef4ecab320f06d8554ea6380940ec79",
            },
            Remote {
                name: "t10k-labels-idx1-ubyte.gz",
                size: 5_148,
                md5: "bb300cfdad3c16e7a12a480ee83cd310",
            },
        ],
        also: &[],
    },
    Known {
        name: "cifar10",
        about: "photographs: 50,000 + 10,000 colour images of 32 × 32, 10 classes",
        url: "https://www.cs.toronto.edu/~kriz/",
        files: &[Remote {
            name: "cifar-10-binary.tar.gz",
            size: 170_052_171,
            md5: "c32a1d4ab5d03f1284b67883e8d87530",
        }],
        also: &["cifar-10-batches-bin", "cifar-10-binary.tar.gz", "cifar-10-binary.tar.xz"],
    },
    Known {
        name: "cifar100",
        about: "photographs: 50,000 + 10,000 colour images of 32 × 32, 100 classes",
        url: "https://www.cs.toronto.edu/~kriz/",
        files: &[Remote {
            name: "cifar-100-binary.tar.gz",
            size: 168_513_733,
            md5: "03b5dce01913d631647c71ecec9e9cb8",
        }],
        also: &["cifar-100-binary", "cifar-100-binary.tar.gz", "cifar-100-binary.tar.xz"],
    },
];

/// The classes of Fashion-MNIST, whose files hold numbers (Xiao et al. 2017).
pub(crate) const FASHION: [&str; 10] = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
];

/// The known data set of that name.
pub fn known(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|known| known.name == name)
}

/// The folder that downloads go to: `GRADWISE_DATA`, or `gradwise` in the user's
/// cache folder (`XDG_CACHE_HOME`, `~/.cache`).
pub fn data_folder() -> PathBuf {
    let set = |name| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let cache = || {
        let home = set("HOME").or_else(|| set("USERPROFILE")).unwrap_or_default();
        set("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache")).join("gradwise")
    };
    set("GRADWISE_DATA").unwrap_or_else(cache)
}

/// Where a distribution's packages put data sets.
const SYSTEM: &str = "/usr/share/datasets";

/// Where the data set is on this machine, if it is.
pub fn locate(known: &Known) -> Option<PathBuf> {
    locate_in(known, &[data_folder(), PathBuf::from(SYSTEM)])
}

fn locate_in(known: &Known, folders: &[PathBuf]) -> Option<PathBuf> {
    let names = [&[known.name][..], known.also].concat();
    let mut paths = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    paths.find(|path| path.is_file() || has_files(path))
}

/// An interrupted download leaves only `.part` files.
fn has_files(folder: &std::path::Path) -> bool {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries.into_iter().any(|e| e.path().extension().is_none_or(|extension| extension != "part"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finished_downloads_are_found() {
        let folder = tempfile::tempdir().unwrap();
        let (own, other) = (folder.path().join("own"), folder.path().join("other"));
        let folders = [own.clone(), other.clone()];
        let cifar = known("cifar10").unwrap();
        std::fs::create_dir_all(own.join("cifar10")).unwrap();
        std::fs::write(own.join("cifar10/cifar-10-binary.tar.gz.part"), b"x").unwrap();
        assert_eq!(locate_in(cifar, &folders), None);
        std::fs::create_dir_all(&other).unwrap();
        std::fs::write(other.join("cifar-10-binary.tar.xz"), b"x").unwrap();
        assert_eq!(locate_in(cifar, &folders), Some(other.join("cifar-10-binary.tar.xz")));
        std::fs::write(own.join("cifar10/test_batch.bin"), b"x").unwrap();
        assert_eq!(locate_in(cifar, &folders), Some(own.join("cifar10")));
    }
}

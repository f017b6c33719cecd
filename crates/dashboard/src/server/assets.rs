//! The page: its files are part of the program.

/// A file of the page.
#[derive(Debug)]
pub struct Asset {
    /// Its path.
    pub path: &'static str,
    /// Its type.
    pub mime: &'static str,
    /// Its text.
    pub text: &'static str,
}

/// The names of files under `page/`, with their types.
macro_rules! assets {
    ($($file:literal: $mime:literal),* $(,)?) => {
        /// Every file of the page.
        pub const ALL: &[Asset] = &[$(Asset {
            path: concat!("/", $file),
            mime: $mime,
            text: include_str!(concat!("../page/", $file)),
        }),*];
    };
}

assets! {
    "index.html": "text/html; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "main.js": "text/javascript; charset=utf-8",
    "api.js": "text/javascript; charset=utf-8",
    "axes.js": "text/javascript; charset=utf-8",
    "chart.js": "text/javascript; charset=utf-8",
    "compare.js": "text/javascript; charset=utf-8",
    "curves.js": "text/javascript; charset=utf-8",
    "distributions.js": "text/javascript; charset=utf-8",
    "dom.js": "text/javascript; charset=utf-8",
    "findings.js": "text/javascript; charset=utf-8",
    "format.js": "text/javascript; charset=utf-8",
    "layers.js": "text/javascript; charset=utf-8",
    "network.js": "text/javascript; charset=utf-8",
    "pictures.js": "text/javascript; charset=utf-8",
    "plot.js": "text/javascript; charset=utf-8",
    "runs.js": "text/javascript; charset=utf-8",
    "settings.js": "text/javascript; charset=utf-8",
    "smooth.js": "text/javascript; charset=utf-8",
    "spark.js": "text/javascript; charset=utf-8",
    "theme.js": "text/javascript; charset=utf-8",
    "verdict.js": "text/javascript; charset=utf-8",
}

/// The file at a path; the page itself at `/`.
pub fn find(path: &str) -> Option<&'static Asset> {
    let path = if path == "/" { "/index.html" } else { path };
    ALL.iter().find(|asset| asset.path == path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_asks_for_nothing_that_is_not_there() {
        for asset in ALL {
            let imports = asset.text.split("from \"./").skip(1);
            for file in imports.filter_map(|rest| rest.split('"').next()) {
                assert!(find(&format!("/{file}")).is_some(), "{}: {file}", asset.path);
            }
        }
    }

    #[test]
    fn text_is_never_markup() {
        for asset in ALL.iter().filter(|asset| asset.path.ends_with(".js")) {
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("]
            {
                assert!(!asset.text.contains(word), "{}: {word}", asset.path);
            }
        }
    }
}

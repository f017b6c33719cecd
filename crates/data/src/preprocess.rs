//! What can be done to features before a network sees them (row L15 of the lecture).
//!
//! Every step is fitted on the training rows alone. The steps that work column by
//! column leave alone the 0/1 columns that one-hot encoding and missing-value
//! indicators made, as a scikit-learn user's `ColumnTransformer` would.

use crate::call::Call;
use crate::error::did_you_mean;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One step of pre-processing. Written as in the run file: `scale(255)`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Preprocess {
    /// Nothing.
    None,
    /// x / c.
    Scale(f64),
    /// (x − min) / (max − min) of each column: [0, 1] on the training rows. A
    /// constant column becomes 0.
    MinMax,
    /// x − mean of each column: for images the mean image of AlexNet (Krizhevsky
    /// 2012).
    MeanImage,
    /// x − mean of its colour channel, as VGG does (Simonyan 2014); images only.
    ChannelMean,
    /// (x − mean) / standard deviation of each column, the deviation over N (not
    /// N − 1) as in scikit-learn's `StandardScaler`. A constant column becomes 0.
    Standardize,
    /// The K directions of largest variance of the centred data: Vₖᵀ(x − mean). The
    /// entry of largest magnitude of each direction is positive.
    Pca(usize),
    /// V (Λ + εI)^(−½) Vᵀ (x − mean): uncorrelated columns that still look like the
    /// data (Bell & Sejnowski 1997; ε as in Krizhevsky 2009).
    Zca(f64),
}

const NAMES: [&str; 8] = [
    "none",
    "scale(c)",
    "min-max",
    "mean-image",
    "channel-mean",
    "standardize",
    "pca(K)",
    "zca(eps)",
];

/// What other libraries call a step, beside its name here.
const ELSEWHERE: [(&str, &str); 9] = [
    ("normalize", "standardize"),
    ("normalization", "standardize"),
    ("standard-scaler", "standardize"),
    ("standardscaler", "standardize"),
    ("z-score", "standardize"),
    ("minmaxscaler", "min-max"),
    ("rescale", "scale"),
    ("whiten", "zca"),
    ("whitening", "zca"),
];

impl FromStr for Preprocess {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let call = Call::parse(text)?;
        match (call.name, call.arguments.as_slice()) {
            ("none", []) => Ok(Preprocess::None),
            ("scale", &[c]) if c != 0.0 => Ok(Preprocess::Scale(c)),
            ("min-max", []) => Ok(Preprocess::MinMax),
            ("mean-image", []) => Ok(Preprocess::MeanImage),
            ("channel-mean", []) => Ok(Preprocess::ChannelMean),
            ("standardize", []) => Ok(Preprocess::Standardize),
            ("pca", &[k]) if k >= 1.0 && k.fract() == 0.0 => Ok(Preprocess::Pca(k as usize)),
            ("zca", &[eps]) if eps >= 0.0 => Ok(Preprocess::Zca(eps)),
            (name, _) => Err(refusal(text, name)),
        }
    }
}

fn refusal(text: &str, name: &str) -> String {
    let bare = NAMES.map(|n| n.split('(').next().unwrap_or(n));
    match bare.iter().position(|n| *n == name) {
        Some(i) => format!(
            "{text:?} should be written {}; c is not 0, K a whole number from 1, eps at least 0",
            NAMES[i]
        ),
        None => {
            let plain = name.to_lowercase().replace('_', "-");
            let own = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == plain);
            let name = own.map_or(plain.as_str(), |(_, own)| own);
            format!("{text:?} is none of {}{}", NAMES.join(", "), did_you_mean(name, &bare))
        }
    }
}

impl fmt::Display for Preprocess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Preprocess::None => f.write_str("none"),
            Preprocess::Scale(c) => write!(f, "scale({c})"),
            Preprocess::MinMax => f.write_str("min-max"),
            Preprocess::MeanImage => f.write_str("mean-image"),
            Preprocess::ChannelMean => f.write_str("channel-mean"),
            Preprocess::Standardize => f.write_str("standardize"),
            Preprocess::Pca(k) => write!(f, "pca({k})"),
            Preprocess::Zca(eps) => write!(f, "zca({eps})"),
        }
    }
}

impl From<Preprocess> for String {
    fn from(step: Preprocess) -> String {
        step.to_string()
    }
}

impl TryFrom<String> for Preprocess {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_is_read_back() {
        let texts = ["none", "scale(255)", "min-max", "mean-image", "channel-mean"];
        for text in texts.into_iter().chain(["standardize", "pca(50)", "zca(0.01)"]) {
            assert_eq!(text.parse::<Preprocess>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn refusals_say_what_would_be_right() {
        let error = |text: &str| text.parse::<Preprocess>().unwrap_err();
        assert!(error("standardise").contains("did you mean \"standardize\""));
        assert!(error("pca").contains("pca(K)"));
        assert!(error("pca(2.5)").contains("whole number"));
        assert!(error("scale(0)").contains("c is not 0"));
        assert!(error("zca(-1)").contains("eps"));
    }
}

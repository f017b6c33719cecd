//! Numbers in JSON, which has none for NaN and infinity.
//!
//! They are written as the strings `"nan"`, `"inf"` and `"-inf"`; `null` is read
//! as NaN, since that is what many writers make of it.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that may be NaN or infinite.
#[derive(Clone, Copy, Debug, Default)]
pub struct Number(pub f64);

/// NaN equals NaN: two records of the same run are the same.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || (self.0.is_nan() && other.0.is_nan())
    }
}

impl From<f64> for Number {
    fn from(x: f64) -> Self {
        Number(x)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            x if x.is_finite() => to.serialize_f64(x),
            x if x.is_nan() => to.serialize_str("nan"),
            x if x > 0.0 => to.serialize_str("inf"),
            _ => to.serialize_str("-inf"),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Finite(f64),
    Word(String),
    Missing,
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Written::deserialize(from)? {
            Written::Finite(x) => Ok(Number(x)),
            Written::Missing => Ok(Number(f64::NAN)),
            Written::Word(word) => match word.to_ascii_lowercase().as_str() {
                "nan" => Ok(Number(f64::NAN)),
                "inf" | "infinity" => Ok(Number(f64::INFINITY)),
                "-inf" | "-infinity" => Ok(Number(f64::NEG_INFINITY)),
                _ => Err(serde::de::Error::custom(format!("{word:?} is not a number"))),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_survives_json() {
        let values = [0.0, -1.5e-300, 0.1 + 0.2, f64::MAX, f64::NAN, f64::INFINITY, -f64::INFINITY];
        for x in values {
            let text = serde_json::to_string(&Number(x)).unwrap();
            assert_eq!(serde_json::from_str::<Number>(&text).unwrap(), Number(x), "{text}");
        }
        assert!(serde_json::from_str::<Number>("null").unwrap().0.is_nan());
        assert!(serde_json::from_str::<Number>("\"big\"").is_err());
    }
}

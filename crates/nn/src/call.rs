//! The syntax of a choice with arguments, `name(argument, …)`, read in one place.
//!
//! A run file writes `maxout(5)`, `rff(1024, 0.05)` or just `relu`. Every type
//! that reads such a text declares its [`Family`] of forms; unknown names are
//! answered with the nearest known one, wrong arguments with the right form.

/// A text that is not one of a family's forms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The name is not among the known ones.
    #[error("{kind} {text:?} is not known{} are {known}", suggestion(nearest))]
    Unknown {
        /// What was to be read, such as `activation`.
        kind: &'static str,
        /// The text that was read.
        text: String,
        /// The known name that is spelt most like it, if one is near.
        nearest: Option<&'static str>,
        /// All forms.
        known: String,
    },
    /// The name is known, but what follows it is wrong.
    #[error("{kind} {text:?}: {reason}; write {form}")]
    Form {
        /// What was to be read, such as `activation`.
        kind: &'static str,
        /// The text that was read.
        text: String,
        /// What is wrong with it.
        reason: String,
        /// The right form or forms.
        form: String,
    },
}

fn suggestion(nearest: &Option<&'static str>) -> String {
    nearest.map_or("; known".into(), |name| format!("; did you mean {name:?}? Known"))
}

/// The forms that one kind of choice can take.
#[derive(Debug)]
pub struct Family {
    /// What is chosen, such as `activation`.
    pub kind: &'static str,
    /// Every form as users write it, such as `linear` or `leaky-relu(a)`. A name
    /// may have several forms.
    pub forms: &'static [&'static str],
    /// What PyTorch, Keras or scikit-learn call it, beside the name here: no synonym is
    /// accepted, but whoever writes one is told the name.
    pub elsewhere: &'static [(&'static str, &'static str)],
}

/// A choice taken apart: the name is one of the family's.
#[derive(Debug)]
pub struct Call<'t> {
    family: &'static Family,
    text: &'t str,
    /// The name, one of the family's.
    pub name: &'static str,
    /// The arguments, trimmed.
    pub arguments: Vec<&'t str>,
}

fn name_of(form: &'static str) -> &'static str {
    form.split_once('(').map_or(form, |(name, _)| name)
}

impl Family {
    /// Takes `text` apart.
    ///
    /// # Errors
    /// An unknown name or misplaced parentheses.
    pub fn read<'t>(&'static self, text: &'t str) -> Result<Call<'t>, ParseError> {
        let (name, rest) = match text.trim().split_once('(') {
            Some((name, rest)) => (name.trim_end(), Some(rest)),
            None => (text.trim(), None),
        };
        let known = self.forms.iter().map(|form| name_of(form)).find(|known| *known == name);
        let Some(name) = known else { return Err(self.unknown(text, name)) };
        let mut call = Call { family: self, text, name, arguments: Vec::new() };
        if let Some(rest) = rest {
            let inside = rest
                .strip_suffix(')')
                .ok_or_else(|| call.misfit("the closing parenthesis is missing"))?;
            if inside.contains(['(', ')']) {
                return Err(call.misfit("there are parentheses inside the parentheses"));
            }
            call.arguments = inside.split(',').map(str::trim).collect();
        }
        Ok(call)
    }

    /// The known name of what is called `name` elsewhere, or the one that is spelt most
    /// like it, if one is near.
    pub fn nearest(&self, name: &str) -> Option<&'static str> {
        let plain = plain(name);
        let own = self.elsewhere.iter().find(|(elsewhere, _)| *elsewhere == plain);
        let near = || nearest(name, self.forms.iter().map(|form| name_of(form)));
        own.map(|(_, own)| *own).or_else(near)
    }

    fn unknown(&self, text: &str, name: &str) -> ParseError {
        ParseError::Unknown {
            kind: self.kind,
            text: text.into(),
            nearest: self.nearest(name),
            known: self.forms.join(" "),
        }
    }
}

/// A name as this project writes names: `Smooth_L1` is `smooth-l1`.
pub fn plain(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// The one of `known` that is spelt most like `name`, if one is near enough to be
/// a slip: Jaro–Winkler similarity above 0.75.
pub fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let name = plain(name);
    let scored = known.into_iter().map(|k| (strsim::jaro_winkler(&name, k), k));
    let best = scored.reduce(|a, b| if b.0 > a.0 { b } else { a });
    best.filter(|(score, _)| *score > 0.75).map(|(_, known)| known)
}

impl Call<'_> {
    /// An error that shows the right forms of this name.
    pub fn misfit(&self, reason: impl Into<String>) -> ParseError {
        let forms = self.family.forms.iter().filter(|form| name_of(form) == self.name);
        ParseError::Form {
            kind: self.family.kind,
            text: self.text.into(),
            reason: reason.into(),
            form: forms.copied().collect::<Vec<_>>().join(" or "),
        }
    }

    /// The error for a number of arguments that no form has.
    pub fn miscounted(&self) -> ParseError {
        match self.arguments.len() {
            0 => self.misfit("arguments are missing"),
            1 => self.misfit("it is written with 1 argument"),
            n => self.misfit(format!("it is written with {n} arguments")),
        }
    }

    /// An argument as a finite number that `fits`.
    ///
    /// # Errors
    /// It is no such number; `wanted` says what is, such as `a number above 0`.
    pub fn number(
        &self,
        argument: &str,
        wanted: &str,
        fits: impl Fn(f64) -> bool,
    ) -> Result<f64, ParseError> {
        let number = argument.parse().ok().filter(|x: &f64| x.is_finite() && fits(*x));
        number.ok_or_else(|| self.misfit(format!("{argument:?} is not {wanted}")))
    }

    /// An argument as a whole number of at least `least`.
    ///
    /// # Errors
    /// It is no such number.
    pub fn count(&self, argument: &str, least: usize) -> Result<usize, ParseError> {
        let number = argument.parse().ok().filter(|n: &usize| *n >= least);
        number.ok_or_else(|| {
            self.misfit(format!("{argument:?} is not a whole number of at least {least}"))
        })
    }
}

/// Cuts a text at each `separator` that stands outside of parentheses and leaves
/// out empty parts: `warmup(10) cosine` at spaces, `normal(1),rff(8, 1)` at commas.
pub fn split(text: &str, separator: char) -> Vec<&str> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0usize, 0);
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if c == separator && depth == 0 => {
                parts.push(&text[start..at]);
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts.into_iter().map(str::trim).filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    static FAMILY: Family = Family {
        kind: "activation",
        forms: &["relu", "leaky-relu(a)", "maxout(k)"],
        elsewhere: &[("rectifier", "relu")],
    };

    #[test]
    fn names_and_arguments() {
        let call = FAMILY.read(" leaky-relu ( 0.2 ) ").unwrap();
        assert_eq!((call.name, &call.arguments[..]), ("leaky-relu", &["0.2"][..]));
        assert!(FAMILY.read("relu").unwrap().arguments.is_empty());
    }

    #[test]
    fn an_error_says_what_would_be_right() {
        let message = FAMILY.read("Leaky_ReLU").unwrap_err().to_string();
        assert!(message.contains("did you mean \"leaky-relu\"?"), "{message}");
        let message = FAMILY.read("maxout(2").unwrap_err().to_string();
        assert_eq!(
            message,
            "activation \"maxout(2\": the closing parenthesis is missing; write maxout(k)"
        );
        let call = FAMILY.read("maxout(1)").unwrap();
        let message = call.count("1", 2).unwrap_err().to_string();
        assert!(message.contains("\"1\" is not a whole number of at least 2"), "{message}");
        assert_eq!(FAMILY.nearest("zzz"), None);
        assert_eq!(FAMILY.nearest("Rectifier"), Some("relu"));
    }

    #[test]
    fn splitting_leaves_parentheses_whole() {
        assert_eq!(split("step(3, 0.1)  warmup(2)", ' '), ["step(3, 0.1)", "warmup(2)"]);
        assert_eq!(split("a,b(1,2),", ','), ["a", "b(1,2)"]);
        assert!(split("  ", ' ').is_empty());
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = FAMILY.read(&text);
            let _ = split(&text, ',');
            let _ = text.parse::<crate::Activation>();
            let _ = text.parse::<crate::Schedule>();
        }
    }
}

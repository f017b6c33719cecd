//! The call syntax of the run file: a name, or a name with numbers: `pca(50)`.

use std::fmt;

/// A name with its arguments, as written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Call<'a> {
    /// The part before the parenthesis.
    pub name: &'a str,
    /// The numbers in it; empty if there is none.
    pub arguments: Vec<f64>,
}

impl<'a> Call<'a> {
    /// Reads `name` or `name(number, …)`. The error says what is wrong in words.
    pub fn parse(text: &'a str) -> Result<Self, String> {
        let text = text.trim();
        let Some((name, rest)) = text.split_once('(') else {
            return Ok(Call { name: text, arguments: Vec::new() });
        };
        let inside = rest
            .strip_suffix(')')
            .ok_or_else(|| format!("{text:?} lacks its closing parenthesis at the end"))?;
        let number = |word: &str| match word.trim().parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(number),
            _ => Err(format!("{:?} in {text:?} is not a number", word.trim())),
        };
        let arguments = match inside.trim() {
            "" => Vec::new(),
            words => words.split(',').map(number).collect::<Result<_, _>>()?,
        };
        Ok(Call { name: name.trim(), arguments })
    }

    /// The `index`-th argument, or `default` if it is not given.
    pub fn argument(&self, index: usize, default: f64) -> f64 {
        self.arguments.get(index).copied().unwrap_or(default)
    }
}

impl fmt::Display for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if !self.arguments.is_empty() {
            let words: Vec<String> = self.arguments.iter().map(f64::to_string).collect();
            write!(f, "({})", words.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_numbers_are_read() {
        let call = Call::parse(" circles( 1000, 0.1 ) ").unwrap();
        assert_eq!((call.name, call.arguments.as_slice()), ("circles", &[1000.0, 0.1][..]));
        assert_eq!(call.to_string(), "circles(1000, 0.1)");
        assert_eq!(Call::parse("xor").unwrap().argument(0, 7.0), 7.0);
        assert!(Call::parse("xor()").unwrap().arguments.is_empty());
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(Call::parse("pca(5").unwrap_err().contains("closing"));
        assert!(Call::parse("pca(five)").unwrap_err().contains("\"five\""));
        assert!(Call::parse("pca(inf)").unwrap_err().contains("not a number"));
        assert!(Call::parse("pca(1,)").unwrap_err().contains("\"\""));
    }
}

using System.Buffers;
using System.Text;

namespace VMSeed.Gslb.Mirrors.Lists;

/// <summary>Walks over a Link field (RFC 8288 section 3), and stops at whatever its grammar does
/// not have.</summary>
internal sealed class LinkScanner(string field)
{
    // RFC 9110 section 5.6.2.
    private static readonly SearchValues<char> _token = SearchValues.Create(
        "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    private int _at;

    /// <summary>Goes to the next link; empty members of the list are passed over (RFC 9110 section
    /// 5.6.1).</summary>
    /// <returns>False at the end.</returns>
    public bool MoveToLink()
    {
        bool isFirst = _at == 0;
        bool hasComma = false;
        SkipSpace();
        while (Peek() == ',')
        {
            hasComma = true;
            _at++;
            SkipSpace();
        }

        if (_at == field.Length)
        {
            return false;
        }

        Require(isFirst || hasComma, "a comma between two links");
        return true;
    }

    /// <summary>Reads what stands between angle brackets.</summary>
    public string ReadTarget()
    {
        Require(Peek() == '<', "'<'");
        _at++;
        int length = field.AsSpan(_at).IndexOf('>');
        Require(length >= 0, "'>'");
        string target = field.Substring(_at, length);
        _at += length + 1;
        return target;
    }

    /// <summary>Goes to the next parameter of the link.</summary>
    /// <returns>False where the link ends.</returns>
    public bool MoveToParameter()
    {
        SkipSpace();
        bool hasMore = Peek() == ';';
        while (Peek() == ';')
        {
            _at++;
            SkipSpace();
        }

        return hasMore && _at < field.Length && Peek() != ',';
    }

    /// <summary>Reads a parameter: its name in lower case, its value without quotes.</summary>
    public (string Name, string Value) ReadParameter()
    {
        string name = ReadToken().ToLowerInvariant();
        SkipSpace();
        if (Peek() != '=')
        {
            return (name, "");
        }

        _at++;
        SkipSpace();
        return (name, Peek() == '"' ? ReadQuoted() : ReadToken());
    }

    private string ReadToken()
    {
        int length = field.AsSpan(_at).IndexOfAnyExcept(_token);
        length = length < 0 ? field.Length - _at : length;
        Require(length > 0, "a name or a value");
        string token = field.Substring(_at, length);
        _at += length;
        return token;
    }

    private string ReadQuoted()
    {
        StringBuilder text = new();
        for (_at++; _at < field.Length && field[_at] != '"'; _at++)
        {
            if (field[_at] == '\\')
            {
                _at++;
                Require(_at < field.Length, "a character behind '\\'");
            }

            Require(field[_at] is >= ' ' or '\t', "no control character");
            text.Append(field[_at]);
        }

        Require(_at < field.Length, "a closing quote");
        _at++;
        return text.ToString();
    }

    private char Peek() => _at < field.Length ? field[_at] : '\0';

    private void SkipSpace()
    {
        while (Peek() is ' ' or '\t')
        {
            _at++;
        }
    }

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new FormatException(
                $"A Link field is refused: {what} is expected at character {_at}.");
        }
    }
}

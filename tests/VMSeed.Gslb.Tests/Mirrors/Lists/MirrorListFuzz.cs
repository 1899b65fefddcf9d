using System.Text;
using CsCheck;
using VMSeed.Gslb.Mirrors;
using VMSeed.Gslb.Mirrors.Lists;

namespace VMSeed.Gslb.Tests.Mirrors.Lists;

/// <summary>Mutated lists: mirrors within the bounds, or a <see cref="FormatException"/>; never
/// another outcome.</summary>
public sealed class MirrorListFuzz
{
    private const int Rounds = 20_000;

    private static readonly string[] _fragments =
    [
        "<", ">", "\"", "\\", ";", ",", "=", "rel=duplicate", "pri=", "geo=", "<url>", "</url>",
        "<file name=\"", "</file>", "priority=\"1\"", "<![CDATA[", "]]>", "&lt;", "&#0;", "&a;",
        "<!DOCTYPE x [", "<?x?>", "http://a.example/", "xmlns=\"\"", "\0", "\uD800", "é", " ",
    ];

    private static readonly string[] _fields =
    [
        "<http://a.example/f>; rel=duplicate; pri=1; geo=gb; depth=1, </b>; rel=\"x duplicate\"",
        "<a>;title*=UTF-8''x;rel=\"duplicate\";pri=999999",
    ];

    private static readonly Uri _base = new("https://www.example.com/f");

    [Fact]
    public void A_mutated_metalink_is_read_or_refused() => Run(
        MetalinkTests.Example,
        text => Metalink.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)))
            .SelectMany(file => file.Addresses));

    [Fact]
    public void A_metalink_of_mutated_bytes_is_read_or_refused()
    {
        Random random = new(2);
        byte[] document = Encoding.UTF8.GetBytes(MetalinkTests.Example);
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = [.. document.Take(random.Next(document.Length + 1))];
            for (int i = random.Next(1, 5); i > 0 && bytes.Length > 0; i--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Check(() => Metalink.Read(new MemoryStream(bytes)).SelectMany(f => f.Addresses));
        }
    }

    [Fact]
    public void Mutated_link_fields_are_read_or_refused() =>
        Array.ForEach(_fields, field => Run(field, text => MirrorLinks.Parse([text], _base)));

    [Fact]
    public void Any_text_is_read_or_refused() => Gen.String.Sample(
        text =>
        {
            Check(() => MirrorLinks.Parse([text], _base));
            Check(() => Metalink.Read(new MemoryStream(Encoding.UTF8.GetBytes(text)))
                .SelectMany(file => file.Addresses));
        },
        seed: "0000KDBiVuZ2",
        iter: Rounds);

    private static void Run(string seed, Func<string, IEnumerable<Mirror>> parse)
    {
        Random random = new(1);
        int read = 0;
        for (int round = 0; round < Rounds; round++)
        {
            StringBuilder text = new(seed);
            for (int i = random.Next(1, 4); i > 0; i--)
            {
                Mutate(text, random);
            }

            read += Check(() => parse(text.ToString())) ? 1 : 0;
        }

        // Mutations that break everything would test the first line of the parser only.
        Assert.InRange(read, Rounds / 100, Rounds - (Rounds / 100));
    }

    private static void Mutate(StringBuilder text, Random random)
    {
        int at = random.Next(text.Length + 1);
        int length = random.Next(Math.Min(20, text.Length - at) + 1);
        switch (random.Next(3))
        {
            case 0:
                text.Remove(at, length);
                break;
            case 1:
                text.Insert(at, _fragments[random.Next(_fragments.Length)]);
                break;
            default:
                text.Insert(random.Next(text.Length + 1), text.ToString(at, length));
                break;
        }
    }

    private static bool Check(Func<IEnumerable<Mirror>> parse)
    {
        try
        {
            Assert.All(parse(), mirror => Assert.True(
                mirror.Address is { IsAbsoluteUri: true, Scheme: "http" or "https" }
                && mirror.Priority is null or (>= 1 and <= 999_999)
                && mirror.Location is null or { Length: 2 }));
            return true;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}

namespace VMSeed.Tidy.Tests.Rules;

/// <summary>Every rule, found by its type, so that none can be written and then
/// forgotten.</summary>
internal static class House
{
    public static IReadOnlyDictionary<string, Rule> Rules { get; } = typeof(Rule).Assembly
        .GetTypes()
        .Where(type => type.IsSubclassOf(typeof(Rule)))
        .ToDictionary(type => type.Name, type => (Rule)Activator.CreateInstance(type)!);
}

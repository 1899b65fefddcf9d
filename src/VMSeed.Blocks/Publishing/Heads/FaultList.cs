namespace VMSeed.Blocks.Publishing.Heads;

/// <summary>Collects what is wrong with some options, to say all of it at once.</summary>
internal sealed class FaultList
{
    private readonly List<string> _faults = [];

    public void Require(bool holds, string fault)
    {
        if (!holds)
        {
            _faults.Add(fault);
        }
    }

    /// <summary>Throws if there is any fault.</summary>
    /// <exception cref="ArgumentException">There is.</exception>
    public void Throw(string opening)
    {
        if (_faults.Count > 0)
        {
            throw new ArgumentException($"{opening}: {string.Join(' ', _faults)}");
        }
    }
}

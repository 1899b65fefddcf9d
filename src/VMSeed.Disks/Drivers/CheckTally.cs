namespace VMSeed.Disks.Drivers;

/// <summary>Collects what a check finds.</summary>
internal sealed class CheckTally
{
    private readonly List<string> _errors = [];
    private readonly List<string> _leaks = [];
    private long _errorCount;
    private long _leakCount;

    public long Repaired { get; set; }

    public long AllocatedBytes { get; set; }

    public void Error(string sentence)
    {
        _errorCount++;
        Keep(_errors, sentence);
    }

    public void Leak(string sentence)
    {
        _leakCount++;
        Keep(_leaks, sentence);
    }

    public CheckReport Report() => new(_errors, _leaks)
    {
        ErrorCount = _errorCount,
        LeakCount = _leakCount,
        RepairedCount = Repaired,
        AllocatedBytes = AllocatedBytes,
    };

    private static void Keep(List<string> sentences, string sentence)
    {
        if (sentences.Count < CheckReport.MaxSentences)
        {
            sentences.Add(sentence);
        }
    }
}
